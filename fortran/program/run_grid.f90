! The grid of a run: from a file that Seiche wrote (a trajectory or a restart), or from a bathymetry (run_bathymetry.f90).
module run_grid
  use, intrinsic :: iso_fortran_env, only: dp => real64
  use shallow_water_types, only: sw_wet_threshold
  use run_files
  use run_netcdf
  implicit none
  private
  public :: grid_from_trajectory, set_masks, mean_spacing, degree_of_latitude, degree_of_longitude, check_grid

  type, public :: run_grid_type
    integer  :: nx = 0, ny = 0
    real(dp) :: dx = 0, dy = 0                                   ! m
    real(dp), allocatable :: depth(:,:)                          ! undisturbed, m, positive downwards
    real(dp), allocatable :: x(:), y(:)                          ! cell centres: m, or degrees east and north
    logical  :: geographic = .false.
    logical  :: periodic_x = .false., periodic_y = .false.
    logical, allocatable, dimension(:,:) :: wet, east, north     ! wet cells, open faces in the east and north of a cell
  end type run_grid_type

contains

  ! The grid of a trajectory file. Masks are left to set_masks, since the settings may add periodic edges.
  function grid_from_trajectory(file) result(grid)
    type(nc_file), intent(in) :: file
    type(run_grid_type) :: grid
    character(len=:), allocatable :: x_name, y_name

    grid%geographic = has_variable(file, 'lon')
    x_name = 'x'
    y_name = 'y'
    if (grid%geographic) then
      x_name = 'lon'
      y_name = 'lat'
    end if
    call read_values(file, x_name, grid%x)
    call read_values(file, y_name, grid%y)
    call read_values(file, 'depth', grid%depth)
    grid%nx = size(grid%depth, 1)
    grid%ny = size(grid%depth, 2)
    if (size(grid%x) /= grid%nx .or. size(grid%y) /= grid%ny) call fail("'depth' in '"//file%path//"' has "// &
      number_text(grid%nx)//' x '//number_text(grid%ny)//' cells, its axes '//number_text(size(grid%x))//' x '// &
      number_text(size(grid%y))//' values', remedy='give a file that Seiche wrote')
    grid%dx = number_attribute(file, 'dx')
    grid%dy = number_attribute(file, 'dy')
    grid%periodic_x = abs(number_attribute(file, 'periodic_x', absent=0.0_dp)) > 0
    grid%periodic_y = abs(number_attribute(file, 'periodic_y', absent=0.0_dp)) > 0
  end function grid_from_trajectory

  ! Wet cells and open faces, from depth and periodic edges.
  subroutine set_masks(grid)
    type(run_grid_type), intent(inout) :: grid

    grid%wet = grid%depth > sw_wet_threshold
    grid%east = grid%wet .and. cshift(grid%wet, 1, dim=1)
    grid%north = grid%wet .and. cshift(grid%wet, 1, dim=2)
    if (.not. grid%periodic_x) grid%east(grid%nx,:) = .false.
    if (.not. grid%periodic_y) grid%north(:,grid%ny) = .false.
  end subroutine set_masks

  ! Fails unless another file's grid is this one, and says what differs.
  subroutine check_grid(grid, file)
    type(run_grid_type), intent(in) :: grid
    type(nc_file), intent(in) :: file
    type(run_grid_type) :: other
    integer :: place(2)

    other = grid_from_trajectory(file)
    if (other%nx /= grid%nx .or. other%ny /= grid%ny) &
      call differ(number_text(other%nx)//' x '//number_text(other%ny)//' cells', &
                  number_text(grid%nx)//' x '//number_text(grid%ny))
    if (abs(other%dx - grid%dx) > 0) call differ('dx = '//number_text(other%dx)//' m', number_text(grid%dx)//' m')
    if (abs(other%dy - grid%dy) > 0) call differ('dy = '//number_text(other%dy)//' m', number_text(grid%dy)//' m')
    if (other%periodic_x .neqv. grid%periodic_x) call differ('another periodic_x', 'the one of the settings')
    if (other%periodic_y .neqv. grid%periodic_y) call differ('another periodic_y', 'the one of the settings')
    place = findloc(abs(other%depth - grid%depth) > 0, .true.)
    if (place(1) > 0) call differ('a depth of '//number_text(other%depth(place(1),place(2)))//' m at cell ('// &
      number_text(place(1))//', '//number_text(place(2))//')', number_text(grid%depth(place(1),place(2)))//' m')

  contains

    subroutine differ(theirs, ours)
      character(len=*), intent(in) :: theirs, ours
      call fail("'"//file%path//"' has "//theirs//', the grid of this run '//ours, 'it was made on another grid', &
                'use the grid file and the settings that it was made with')
    end subroutine differ

  end subroutine check_grid

  ! Mean mean_spacing of an axis of two or more points.
  pure real(dp) function mean_spacing(axis)
    real(dp), intent(in) :: axis(:)
    mean_spacing = (axis(size(axis)) - axis(1))/(size(axis) - 1)
  end function mean_spacing

  ! One degree along a meridian of a sphere of radius 6371 km, m.
  pure real(dp) function degree_of_latitude()
    degree_of_latitude = 6371000.0_dp*pi()/180
  end function degree_of_latitude

  ! One degree along the parallel at a latitude in degrees north, m.
  pure real(dp) function degree_of_longitude(latitude)
    real(dp), intent(in) :: latitude
    degree_of_longitude = degree_of_latitude()*cos(latitude*pi()/180)
  end function degree_of_longitude

  pure real(dp) function pi()
    pi = acos(-1.0_dp)
  end function pi

end module run_grid
