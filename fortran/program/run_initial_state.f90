! State 0 of a run: at rest, with a flat or a bumped surface, or one record of a trajectory file.
module run_initial_state
  use, intrinsic :: iso_fortran_env, only: dp => real64
  use run_files
  use run_netcdf
  use run_grid
  use run_settings
  implicit none
  private
  public :: initial_state, read_state

contains

  subroutine initial_state(s, grid, zeta, u, v, start_time)
    type(run_settings_type), intent(in) :: s
    type(run_grid_type), intent(in)     :: grid
    real(dp), allocatable, intent(out), dimension(:,:) :: zeta, u, v  ! m, m/s
    real(dp), intent(out) :: start_time                               ! s since 2000-01-01 00:00:00
    type(nc_file) :: file

    allocate (zeta(grid%nx,grid%ny), u(grid%nx,grid%ny), v(grid%nx,grid%ny), source=0.0_dp)
    start_time = 0
    select case (s%initial_kind)
    case ('constant')
      where (grid%wet) zeta = s%elevation
    case ('bump')
      call add_bump(s, grid, zeta)
    case ('file')
      file = open_file(trim(s%initial_file), '&initial file')
      call check_grid(grid, file)
      call read_state(file, s%record, grid, zeta, u, v, start_time)
      call close_file(file)
    end select
    if (given(s%start_time)) start_time = s%start_time
    if (.not. abs(start_time) <= huge(start_time)) call fail('the start time is '//number_text(start_time)//' s', &
      remedy='give a finite start_time in &run, in s since 2000-01-01 00:00:00')
  end subroutine initial_state

  ! A square bump of s%elevation, bump_width cells wide around (bump_i, bump_j) or the middle of the grid.
  subroutine add_bump(s, grid, zeta)
    type(run_settings_type), intent(in) :: s
    type(run_grid_type), intent(in)     :: grid
    real(dp), intent(inout) :: zeta(:,:)
    integer :: i, j, west, south

    i = merge(s%bump_i, (grid%nx + 1)/2, s%bump_i /= 0)
    j = merge(s%bump_j, (grid%ny + 1)/2, s%bump_j /= 0)
    if (i < 1 .or. i > grid%nx .or. j < 1 .or. j > grid%ny .or. s%bump_width < 1 .or. s%bump_width > max(grid%nx, grid%ny)) &
      call fail('the bump at cell ('//number_text(i)//', '//number_text(j)//'), '//number_text(s%bump_width)// &
                ' cells wide, does not fit the grid of '//number_text(grid%nx)//' x '//number_text(grid%ny)//' cells', &
                remedy='give bump_i, bump_j from 1 and bump_width in &initial')
    west = i - (s%bump_width - 1)/2
    south = j - (s%bump_width - 1)/2
    do j = max(south, 1), min(south + s%bump_width - 1, grid%ny)
      do i = max(west, 1), min(west + s%bump_width - 1, grid%nx)
        if (grid%wet(i,j)) zeta(i,j) = s%elevation
      end do
    end do
    if (all(abs(zeta) <= 0) .and. abs(s%elevation) > 0) &
      call fail('the bump lies on land', remedy='give bump_i, bump_j of a wet cell in &initial')
  end subroutine add_bump

  ! A record of a trajectory file, and its time. Values on land and closed faces become 0.
  subroutine read_state(file, record, grid, zeta, u, v, time)
    type(nc_file), intent(in) :: file
    integer, intent(in) :: record  ! from 1; 0: the last
    type(run_grid_type), intent(in) :: grid
    real(dp), intent(inout), dimension(:,:) :: zeta, u, v
    real(dp), intent(out) :: time
    real(dp), allocatable :: times(:)
    integer :: k

    call read_values(file, 'time', times)
    if (text_attribute(file, 'time', 'units') /= 'seconds since 2000-01-01 00:00:00') &
      call fail("times in '"//file%path//"' are in '"//text_attribute(file, 'time', 'units')//"'", &
                remedy="give a file that Seiche wrote, in 'seconds since 2000-01-01 00:00:00'")
    k = merge(record, size(times), record /= 0)
    if (k < 1 .or. k > size(times)) call fail("record "//number_text(record)//" is asked of '"//file%path//"', which has "// &
      number_text(size(times)), remedy='count records from 1; 0 is the last')
    call read_record(file, 'zeta', k, grid%wet, zeta)
    call read_record(file, 'u', k, grid%east, u)
    call read_record(file, 'v', k, grid%north, v)
    time = times(k)
  end subroutine read_state

end module run_initial_state
