! Open boundary of a run: none, tides that are the same along whole edges, or a file.
!
! The file has the dimension boundary and the cells boundary_x(boundary), boundary_y(boundary), counted from 0; time(time) and
! zeta(time, boundary) in m, or frequency(constituent) in rad/s with amplitude and phase(constituent, boundary) in m and
! rad, or both, which are added.
module run_open_boundary
  use, intrinsic :: iso_fortran_env, only: dp => real64
  use shallow_water_types, only: sw_forcing
  use run_files
  use run_netcdf
  use run_grid
  use run_calendar
  use run_settings
  implicit none
  private
  public :: set_open_boundary

  ! Speeds of the largest tides: Schureman (1958), Manual of Harmonic Analysis and Prediction of Tides, US Coast and Geodetic
  ! Survey Special Publication 98, table 2.
  character(len=8), parameter :: names(5) = [character(len=8) :: 'M2', 'S2', 'N2', 'K1', 'O1']
  real(dp), parameter :: degrees_an_hour(5) = [28.9841042_dp, 30.0_dp, 28.4397295_dp, 15.0410686_dp, 13.9430356_dp]

contains

  subroutine set_open_boundary(s, grid, forcing)
    type(run_settings_type), intent(in) :: s
    type(run_grid_type), intent(in)     :: grid
    type(sw_forcing), intent(inout)     :: forcing

    if (s%boundary_file /= '') then
      call from_file(trim(s%boundary_file), grid, forcing)
    else if (any(s%edges /= '')) then
      call from_edges(s, grid, forcing)
    end if
  end subroutine set_open_boundary

  ! Every wet cell of the edges, all with the same constituents.
  subroutine from_edges(s, grid, forcing)
    type(run_settings_type), intent(in) :: s
    type(run_grid_type), intent(in)     :: grid
    type(sw_forcing), intent(inout)     :: forcing
    logical :: chosen(grid%nx,grid%ny), edge(grid%nx,grid%ny)
    integer :: i, j, k, cells, constituents

    chosen = .false.
    do k = 1, size(s%edges)
      edge = .false.
      select case (s%edges(k))
      case ('')
        cycle
      case ('west')
        edge(1,:) = grid%wet(1,:)
      case ('east')
        edge(grid%nx,:) = grid%wet(grid%nx,:)
      case ('south')
        edge(:,1) = grid%wet(:,1)
      case ('north')
        edge(:,grid%ny) = grid%wet(:,grid%ny)
      case default
        call fail("&open_boundary edges names '"//trim(s%edges(k))//"'", remedy='the edges are west, east, south, north')
      end select
      if (.not. any(edge)) call fail('the '//trim(s%edges(k))//'ern edge is to be open but has no wet cell', &
                                     remedy='name only edges where there is sea in &open_boundary')
      chosen = chosen .or. edge
    end do
    cells = count(chosen)
    allocate (forcing%boundary_i(cells), forcing%boundary_j(cells))
    forcing%boundary_i = pack(spread([(i, i=1, grid%nx)], 2, grid%ny), chosen)
    forcing%boundary_j = pack(spread([(j, j=1, grid%ny)], 1, grid%nx), chosen)

    constituents = 0
    do k = 1, most_constituents
      if (s%constituent(k) /= '' .or. given(s%frequency(k)) .or. given(s%amplitude(k))) constituents = k
    end do
    if (constituents == 0) call fail('the open boundary has edges but no constituent', &
      remedy="give constituent = 'M2' and amplitude = 1.0 in &open_boundary; frequency = 0.0 is a constant level")
    allocate (forcing%frequency(constituents), forcing%amplitude(cells,constituents), forcing%phase(cells,constituents))
    do k = 1, constituents
      forcing%frequency(k) = frequency_of(s, k)
      if (.not. given(s%amplitude(k))) call fail('constituent '//number_text(k)//' of the open boundary has no amplitude', &
                                                 remedy='give amplitude in &open_boundary, in m')
      forcing%amplitude(:,k) = s%amplitude(k)
      forcing%phase(:,k) = s%phase(k)
    end do
  end subroutine from_edges

  ! Of constituent number k, rad/s: as given, or from its name.
  real(dp) function frequency_of(s, k) result(frequency)
    type(run_settings_type), intent(in) :: s
    integer, intent(in) :: k
    integer :: which

    frequency = s%frequency(k)
    if (s%constituent(k) == '') then
      if (.not. given(frequency)) call fail('constituent '//number_text(k)//' of the open boundary has no name and no frequency', &
        remedy='give one of them in &open_boundary')
      return
    end if
    if (given(frequency)) return
    which = position_of(s%constituent(k), names)
    if (which == 0) then
      call fail("&open_boundary names the constituent '"//trim(s%constituent(k))//"'", &
                remedy='known are M2, S2, N2, K1 and O1; give the frequency, in rad/s, of any other')
    else
      frequency = degrees_an_hour(which)*acos(-1.0_dp)/180/3600
    end if
  end function frequency_of

  subroutine from_file(path, grid, forcing)
    character(len=*), intent(in) :: path
    type(run_grid_type), intent(in) :: grid
    type(sw_forcing), intent(inout) :: forcing
    type(nc_file) :: file
    real(dp), allocatable :: x(:), y(:), values(:), fields(:,:)
    integer :: cells, k
    logical :: has_series, has_tides

    file = open_file(path, '&open_boundary file')
    call read_values(file, 'boundary_x', x)
    call read_values(file, 'boundary_y', y)
    cells = size(x)
    if (size(y) /= cells) call fail("boundary_x and boundary_y in '"//path//"' have different lengths", &
                                    remedy='give both the dimension boundary')
    do k = 1, cells
      if (x(k) < 0 .or. x(k) >= grid%nx .or. y(k) < 0 .or. y(k) >= grid%ny .or. abs(x(k) - nint(x(k))) > 0 &
          .or. abs(y(k) - nint(y(k))) > 0) call fail("cell "//number_text(k)//" of the open boundary in '"//path//"' is ("// &
        number_text(x(k))//', '//number_text(y(k))//'), outside the grid of '//number_text(grid%nx)//' x '// &
        number_text(grid%ny)//' cells', remedy='count cells from 0, along x and along y')
    end do
    allocate (forcing%boundary_i(cells), forcing%boundary_j(cells))
    forcing%boundary_i = nint(x) + 1
    forcing%boundary_j = nint(y) + 1

    has_series = has_variable(file, 'zeta')
    has_tides = has_variable(file, 'frequency')
    if (.not. (has_series .or. has_tides)) &
      call fail("'"//path//"' has neither zeta nor frequency", 'an open boundary needs elevations or constituents', &
                'give time and zeta(time, boundary), or frequency, amplitude and phase')
    if (has_series) then
      call read_times(file, values)
      allocate (forcing%boundary_time, source=values)
      call read_values(file, 'zeta', fields)
      call check_shape(file, 'zeta', fields, cells, 'time', size(values))
      allocate (forcing%boundary_zeta, source=fields)
    end if
    if (has_tides) then
      call read_values(file, 'frequency', values)
      allocate (forcing%frequency, source=values)
      call read_values(file, 'amplitude', fields)
      call check_shape(file, 'amplitude', fields, cells, 'constituent', size(values))
      allocate (forcing%amplitude, source=fields)
      call read_values(file, 'phase', fields)
      call check_shape(file, 'phase', fields, cells, 'constituent', size(values))
      allocate (forcing%phase, source=fields)
    end if
    call close_file(file)
  end subroutine from_file

  subroutine check_shape(file, name, fields, cells, dimension_name, length)
    type(nc_file), intent(in) :: file
    character(len=*), intent(in) :: name, dimension_name
    real(dp), intent(in) :: fields(:,:)
    integer, intent(in)  :: cells, length

    if (size(fields, 1) == cells .and. size(fields, 2) == length) return
    call fail("'"//name//"' in '"//file%path//"' has "//number_text(size(fields, 2))//' x '//number_text(size(fields, 1))// &
              ' values, where '//number_text(length)//' x '//number_text(cells)//' are needed', &
              remedy='give it the dimensions ('//dimension_name//', boundary)')
  end subroutine check_shape

end module run_open_boundary
