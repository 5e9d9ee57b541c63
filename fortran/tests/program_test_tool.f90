! What the tests of run_shallow_water need besides a shell: input files, comparison bit by bit, and the same run by the
! library alone, whose forcing comes from formulas, not from the files.
!   program_test_tool channel FILE          a rough channel, periodic in x, with a bump
!   program_test_tool bay FILE              a rough basin with the bump that is deep along its western edge
!   program_test_tool deeper FILE           the channel, one cell of it deeper
!   program_test_tool wind FILE             fields of stress, (time, y, x); wind_weeks, wind_back, wind_gap: with a mistake
!   program_test_tool series FILE           stress for the whole grid, (time)
!   program_test_tool boundary FILE         the northern edge of the channel: tides and a series; boundary_dry, boundary_outside: with a mistake
!   program_test_tool same A FIRST B FIRST COUNT   exit code 1 unless COUNT records of two files agree bit for bit
!   program_test_tool state A B             exit code 1 unless the first state of A is the last of B, at rest
!   program_test_tool library CASE FILE STEPS EVERY   exit code 1 unless FILE holds what the library computes; CASE is all or edges
!   program_test_tool calendar              units of time
program program_test_tool
  use, intrinsic :: iso_fortran_env, only: dp => real64, int64
  use checks, only: bump
  use program_cases
  use shallow_water
  use run_calendar
  use run_grid
  use run_netcdf
  implicit none

  select case (word(1))
  case ('channel', 'bay', 'deeper')
    call write_grid(word(2), word(1))
  case ('wind', 'series', 'wind_weeks', 'wind_back', 'wind_gap')
    call write_wind(word(2), word(1))
  case ('boundary', 'boundary_dry', 'boundary_outside')
    call write_boundary(word(2), word(1))
  case ('same')
    call compare(word(2), number(3), word(4), number(5), number(6))
  case ('state')
    call compare_states(word(2), word(3))
  case ('library')
    call compare_with_library(word(2) == 'all', word(3), number(4), number(5))
  case ('calendar')
    call check_calendar()
  case default
    error stop 'unknown word'
  end select

contains

  function word(k) result(text)
    integer, intent(in) :: k
    character(len=:), allocatable :: text
    character(len=500) :: buffer

    call get_command_argument(k, buffer)
    text = trim(buffer)
  end function word

  integer function number(k)
    integer, intent(in) :: k
    character(len=500) :: buffer

    call get_command_argument(k, buffer)
    read (buffer, *) number
  end function number

  ! The run of the settings "all" or "edges" in run_program_tests.sh, every step, from the library's own interface.
  subroutine compare_with_library(all_options, path, steps, every)
    logical, intent(in) :: all_options
    character(len=*), intent(in) :: path
    integer, intent(in) :: steps, every
    type(run_grid_type) :: grid
    type(sw_parameters) :: p
    type(sw_forcing)    :: f
    type(sw_report)     :: report
    type(nc_file)       :: file
    real(dp), dimension(nx,ny) :: zeta, u, v
    integer :: step, status, i, j, k

    grid = basin(all_options)
    p = sw_parameters(nx=nx, ny=ny, dx=grid%dx, dy=grid%dy, dt=300.0_dp)
    call bump(nx, ny, zeta)
    where (.not. grid%wet) zeta = 0
    u = 0
    v = 0
    if (all_options) then
      p%periodic_x = .true.
      p%coriolis = 1.2e-4_dp
      p%beta = 1.5e-11_dp
      p%linear_drag = 1.0e-5_dp
      p%wimp = 0.6_dp
      p%cd = 2.0e-3_dp
      p%ah = 500
      p%gravity = 9.8_dp
      p%density = 1027
      p%tolerance = 1.0e-11_dp
      p%max_iterations = 5000
      f%start_time = 600
      allocate (f%wind_time, source=origin + hours*3600)
      allocate (f%wind_x(nx,ny,times), f%wind_y(nx,ny,times))
      f%wind_x = reshape([(((stress(i, j, k, .false.), i=1,nx), j=1,ny), k=1,times)], [nx, ny, times])
      f%wind_y = reshape([(((stress(i, j, k, .true.), i=1,nx), j=1,ny), k=1,times)], [nx, ny, times])
      allocate (f%boundary_i, source=[(i, i=1, nx)])
      allocate (f%boundary_j, source=[(edge, i=1, nx)])
      allocate (f%boundary_time, source=origin + hours*3600)
      allocate (f%boundary_zeta, source=reshape([((level(i, k), i=1,nx), k=1,times)], [nx, times]))
      allocate (f%frequency, source=frequencies)
      allocate (f%amplitude, source=reshape([((0.1_dp*k, i=1,nx), k=1,2)], [nx, 2]))
      allocate (f%phase, source=reshape([((0.2_dp*k + 2*pi*i/nx, i=1,nx), k=1,2)], [nx, 2]))
    else
      p%linear = .true.
      allocate (f%wind_time(1), f%wind_x(1,1,1), f%wind_y(1,1,1))
      f%wind_time = 0
      f%wind_x = 0.1_dp
      f%wind_y = -0.05_dp
      j = count(grid%wet(1,:))
      allocate (f%boundary_i(j), f%boundary_j(j))
      f%boundary_i = 1
      f%boundary_j = pack([(k, k=1, ny)], grid%wet(1,:))
      allocate (f%frequency(2), f%amplitude(j,2), f%phase(j,2))
      f%frequency = [28.9841042_dp*pi/180/3600, 2.0e-4_dp]
      f%amplitude(:,1) = 0.5_dp
      f%amplitude(:,2) = 0.25_dp
      f%phase(:,1) = 1.5_dp
      f%phase(:,2) = 0
    end if
    file = open_file(path, 'test')
    do step = 0, steps
      if (step > 0) then
        call sw_run(p, grid%depth, zeta, u, v, 1, report, status, f, step - 1)
        if (status /= 0) error stop 'the library failed'
      end if
      if (modulo(step, every) == 0) then
        call compare_field(file, 'zeta', step/every + 1, zeta, grid%wet)
        call compare_field(file, 'u', step/every + 1, u, grid%east)
        call compare_field(file, 'v', step/every + 1, v, grid%north)
      end if
    end do
    call close_file(file)
  end subroutine compare_with_library

  subroutine compare_field(file, name, record, values, active)
    type(nc_file), intent(in) :: file
    character(len=*), intent(in) :: name
    integer, intent(in)  :: record
    real(dp), intent(in) :: values(nx,ny)
    logical, intent(in)  :: active(nx,ny)
    real(dp) :: found(nx,ny)

    call read_record(file, name, record, active, found)
    call must_agree(merge(values, 0.0_dp, active), found, name, record)
  end subroutine compare_field

  subroutine compare(a_path, a_first, b_path, b_first, count)
    character(len=*), intent(in) :: a_path, b_path
    integer, intent(in) :: a_first, b_first, count  ! records, from 1
    type(nc_file) :: a, b
    type(run_grid_type) :: grid
    real(dp), allocatable :: x(:,:), y(:,:), a_times(:), b_times(:)
    character(len=4), parameter :: names(3) = ['zeta', 'u   ', 'v   ']
    integer :: k, record

    a = open_file(a_path, 'test')
    b = open_file(b_path, 'test')
    grid = grid_from_trajectory(a)
    call check_grid(grid, b)
    call set_masks(grid)
    call read_values(a, 'time', a_times)
    call read_values(b, 'time', b_times)
    if (size(a_times) < a_first + count - 1 .or. size(b_times) < b_first + count - 1) error stop 'too few records'
    if (any(abs(a_times(a_first:a_first+count-1) - b_times(b_first:b_first+count-1)) > 0)) error stop 'times differ'
    allocate (x(grid%nx,grid%ny), y(grid%nx,grid%ny))
    do record = 0, count - 1
      do k = 1, 3
        call read_record(a, trim(names(k)), a_first + record, grid%wet .or. k > 1, x)
        call read_record(b, trim(names(k)), b_first + record, grid%wet .or. k > 1, y)
        call must_agree(x, y, names(k), record)
      end do
    end do
    call close_file(a)
    call close_file(b)
  end subroutine compare

  subroutine compare_states(a_path, b_path)
    character(len=*), intent(in) :: a_path, b_path
    type(nc_file) :: a, b
    type(run_grid_type) :: grid
    real(dp), allocatable, dimension(:,:) :: x, y
    integer, allocatable :: shape(:)

    a = open_file(a_path, 'test')
    b = open_file(b_path, 'test')
    grid = grid_from_trajectory(a)
    call set_masks(grid)
    allocate (shape, source=lengths(b, 'zeta'))
    allocate (x(grid%nx,grid%ny), y(grid%nx,grid%ny))
    call read_record(a, 'zeta', 1, grid%wet, x)
    call read_record(b, 'zeta', shape(3), grid%wet, y)
    call must_agree(x, y, 'zeta', shape(3))
    if (any(abs(merge(0.25_dp, 0.0_dp, grid%wet) - x) > 0)) error stop 'not the level that was asked for'
    call read_record(b, 'u', shape(3), grid%wet, y)
    if (any(abs(y) > 0)) error stop 'not at rest'
  end subroutine compare_states

  subroutine must_agree(x, y, name, record)
    real(dp), intent(in) :: x(:,:), y(:,:)
    character(len=*), intent(in) :: name
    integer, intent(in) :: record

    if (all(transfer(x, 1_int64, size(x)) == transfer(y, 1_int64, size(y)))) return
    print '(3a,i0,a,i0,a,es9.2)', '  ', name, ' of record ', record, ' differs in ', &
      count(abs(x - y) > 0), ' places, by at most ', maxval(abs(x - y))
    stop 1
  end subroutine must_agree

  subroutine check_calendar()
    call one('seconds since 2000-01-01 00:00:00', 0.0_dp, 1.0_dp)
    call one('hours since 1999-12-31 18:00:00', -21600.0_dp, 3600.0_dp)
    call one('days since 1970-01-01', -946684800.0_dp, 86400.0_dp)
    call one('minutes since 2000-03-01T00:01:02', 5184062.0_dp, 60.0_dp)
    call one('days since 1900-03-01', -3150576000.0_dp, 86400.0_dp)
    call one('days since 0001-01-01', -63082281600.0_dp, 86400.0_dp)
    call one('days since 2024-02-29', 762480000.0_dp, 86400.0_dp)
    call refused('days since 2023-02-29')
    call refused('days since 1900-02-29')
    call refused('days since 2000-13-01')
    call refused('days since 2000-01-01 24:00:00')
    call refused('months since 2000-01-01')
    call refused('days since 2000-1-1')
    call refused('days')
    call refused('')
  end subroutine check_calendar

  subroutine one(units, origin, unit)
    character(len=*), intent(in) :: units
    real(dp), intent(in) :: origin, unit
    real(dp) :: found_origin, found_unit
    logical  :: good

    call parse_units(units, found_origin, found_unit, good)
    if (good .and. abs(found_origin - origin) <= 0 .and. abs(found_unit - unit) <= 0) return
    print *, units, good, found_origin, found_unit
    stop 1
  end subroutine one

  subroutine refused(units)
    character(len=*), intent(in) :: units
    real(dp) :: origin, unit
    logical  :: good

    call parse_units(units, origin, unit, good)
    if (.not. good) return
    print *, 'not refused: ', units
    stop 1
  end subroutine refused

end program program_test_tool
