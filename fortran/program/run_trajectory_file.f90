! Writes a trajectory as a CF-1.11 NetCDF-4 file, state by state: the layout of the Swift package's own files
! (Sources/Trajectories), which reads these too. Missing: nothing but zeta on land; u and v are 0 on closed faces.
!
! The same states and settings give the same bytes: no date is written. Array dimensions are in Fortran's order.
module run_trajectory_file
  use, intrinsic :: iso_fortran_env, only: dp => real64, sp => real32
  use netcdf
  use shallow_water_types, only: sw_parameters
  use run_files
  use run_netcdf
  use run_grid
  use run_parameters
  implicit none
  private
  public :: trajectory_file, begin_trajectory, set_global, add_record, finish_trajectory

  type :: trajectory_file
    logical :: is_open = .false.
    integer :: id = -1, records = 0
    integer :: time = -1, fields(3) = -1   ! variables
    logical :: double = .false.
    character(len=:), allocatable :: target, temporary
  end type trajectory_file

  interface set_global
    procedure set_global_text, set_global_real, set_global_integer
  end interface

contains

  ! Begins a file. Between this and the first record more global attributes may be set.
  subroutine begin_trajectory(t, path, grid, p, spacing_s, title, double, deflate)
    type(trajectory_file), intent(inout) :: t
    character(len=*), intent(in) :: path
    type(run_grid_type), intent(in) :: grid
    type(sw_parameters), intent(in) :: p
    real(dp), intent(in) :: spacing_s          ! time between records, s
    character(len=*), intent(in) :: title
    logical, intent(in) :: double              ! precision of the fields; all else is double
    integer, intent(in) :: deflate             ! 0 .. 9

    t%target = path
    t%temporary = temporary_name(path)
    t%records = 0
    t%double = double
    call check(nf90_create(t%temporary, ior(nf90_netcdf4, nf90_noclobber), t%id), "cannot create '"//path//"'")
    t%is_open = .true.
    call set_global(t, 'Conventions', 'CF-1.11')
    call set_global(t, 'title', title)
    call set_global(t, 'source', 'Seiche 0.1.0, semi-implicit shallow-water model (scheme of Backhaus 1983)')
    call set_global(t, 'references', 'Backhaus (1983), Continental Shelf Research 2(4), 243-254')
    call set_global(t, 'comment', &
                    'No advection of momentum, no wetting and drying. u sits on the east, v on the north face of a cell.')
    call set_global(t, 'version', '0.1.0')
    call set_global(t, 'dx', grid%dx)
    call set_global(t, 'dy', grid%dy)
    call set_global(t, 'time_step', spacing_s)
    if (grid%periodic_x) call set_global(t, 'periodic_x', 1)
    if (grid%periodic_y) call set_global(t, 'periodic_y', 1)
    call set_parameters(t, p)
    call set_global(t, 'numeric_attribute_units', 'SI: dx and dy in m, time_step in s, model_parameters likewise')
    call define(t, grid, deflate)
  end subroutine begin_trajectory

  ! The parameters by name; options only where they are on.
  subroutine set_parameters(t, p)
    type(trajectory_file), intent(in) :: t
    type(sw_parameters), intent(in)   :: p
    character(len=:), allocatable :: list
    real(dp) :: values(parameter_count), defaults(parameter_count)
    integer  :: k

    values = parameter_values(p)
    defaults = parameter_values(sw_parameters())
    list = ''
    do k = 1, parameter_count
      if (parameter_is_option(k) .and. .not. abs(values(k) - defaults(k)) > 0) cycle
      call set_global(t, trim(parameter_names(k)), values(k))
      list = list//' '//trim(parameter_names(k))
    end do
    call set_global(t, 'model_parameters', list(2:))
  end subroutine set_parameters

  ! Dimensions, coordinates, static fields, and the variables of the state.
  subroutine define(t, grid, deflate)
    type(trajectory_file), intent(inout) :: t
    type(run_grid_type), intent(in) :: grid
    integer, intent(in) :: deflate
    integer :: time, bounds, x, y, x_face, y_face

    call check(nf90_def_dim(t%id, 'time', nf90_unlimited, time), here(t))
    call check(nf90_def_dim(t%id, trim(merge('lat', 'y  ', grid%geographic)), grid%ny, y), here(t))
    call check(nf90_def_dim(t%id, trim(merge('lon', 'x  ', grid%geographic)), grid%nx, x), here(t))
    call check(nf90_def_dim(t%id, trim(merge('lat_face', 'y_face  ', grid%geographic)), grid%ny, y_face), here(t))
    call check(nf90_def_dim(t%id, trim(merge('lon_face', 'x_face  ', grid%geographic)), grid%nx, x_face), here(t))
    call check(nf90_def_dim(t%id, 'bnds', 2, bounds), here(t))
    ! The library's own chunks for a lone unlimited dimension are megabytes for a handful of numbers.
    call check(nf90_def_var(t%id, 'time', nf90_double, [time], t%time, chunksizes=[512]), here(t))
    call describe(t, t%time, 'standard_name', 'time')
    call describe(t, t%time, 'long_name', 'time')
    call describe(t, t%time, 'units', 'seconds since 2000-01-01 00:00:00')
    call describe(t, t%time, 'calendar', 'standard')
    call describe(t, t%time, 'units_metadata', 'leap_seconds: none')
    call describe(t, t%time, 'axis', 'T')
    if (grid%geographic) then
      call add_axis(t, 'lon', 'X', 'longitude', 'longitude', 'degrees_east', grid%x, &
                    grid%dx/degree_of_longitude((grid%y(1) + grid%y(grid%ny))/2), x, x_face, bounds)
      call add_axis(t, 'lat', 'Y', 'latitude', 'latitude', 'degrees_north', grid%y, grid%dy/degree_of_latitude(), y, y_face, bounds)
    else
      call add_axis(t, 'x', 'X', 'projection_x_coordinate', 'projection x coordinate', 'm', grid%x, grid%dx, x, x_face, bounds)
      call add_axis(t, 'y', 'Y', 'projection_y_coordinate', 'projection y coordinate', 'm', grid%y, grid%dy, y, y_face, bounds)
    end if
    call add_static(t, grid, [x, y])
    t%fields(1) = field(t, 'zeta', [x, y, time], deflate, 'sea_surface_height_above_geopotential_datum', 'surface elevation', 'm')
    if (t%double) then
      call check(nf90_def_var_fill(t%id, t%fields(1), 0, nf90_fill_double), here(t))
    else
      call check(nf90_def_var_fill(t%id, t%fields(1), 0, nf90_fill_float), here(t))
    end if
    call describe(t, t%fields(1), 'cell_measures', 'area: cell_area')
    t%fields(2) = field(t, 'u', [x_face, y, time], deflate, &
      trim(merge('barotropic_eastward_sea_water_velocity', 'barotropic_sea_water_x_velocity       ', grid%geographic)), &
      'depth-mean velocity along x on east faces, zero on closed faces', 'm s-1')
    t%fields(3) = field(t, 'v', [x, y_face, time], deflate, &
      trim(merge('barotropic_northward_sea_water_velocity', 'barotropic_sea_water_y_velocity        ', grid%geographic)), &
      'depth-mean velocity along y on north faces, zero on closed faces', 'm s-1')
  end subroutine define

  ! Cell centres, their bounds, and faces, half a cell after the centre of the same index, as xgcm reads it from the shift.
  subroutine add_axis(t, name, letter, standard_name, words, units, centres, alone, centre, face, bounds)
    type(trajectory_file), intent(in) :: t
    character(len=*), intent(in) :: name, letter, standard_name, words, units
    real(dp), intent(in) :: centres(:), alone        ! alone: spacing of an axis of one cell
    integer, intent(in)  :: centre, face, bounds     ! dimensions
    integer  :: variable
    real(dp) :: step

    step = alone
    if (size(centres) > 1) step = mean_spacing(centres)
    call check(nf90_def_var(t%id, name, nf90_double, [centre], variable), here(t))
    call describe(t, variable, 'standard_name', standard_name)
    call describe(t, variable, 'units', units)
    call describe(t, variable, 'axis', letter)
    call describe(t, variable, 'long_name', words//' of cell centres')
    call describe(t, variable, 'bounds', name//'_bnds')
    call check(nf90_put_var(t%id, variable, centres), here(t))
    call check(nf90_def_var(t%id, name//'_bnds', nf90_double, [bounds, centre], variable), here(t))
    call check(nf90_put_var(t%id, variable, transpose(reshape([centres - step/2, centres + step/2], [size(centres), 2]))), here(t))
    call check(nf90_def_var(t%id, name//'_face', nf90_double, [face], variable), here(t))
    call describe(t, variable, 'standard_name', standard_name)
    call describe(t, variable, 'units', units)
    call describe(t, variable, 'axis', letter)
    call describe(t, variable, 'long_name', words//' of cell faces')
    call check(nf90_put_att(t%id, variable, 'c_grid_axis_shift', 0.5_dp), here(t))
    call check(nf90_put_var(t%id, variable, centres + step/2), here(t))
  end subroutine add_axis

  ! Depth, mask and cell areas, always compressed.
  subroutine add_static(t, grid, dimensions)
    type(trajectory_file), intent(in) :: t
    type(run_grid_type), intent(in) :: grid
    integer, intent(in) :: dimensions(2)
    integer :: variable

    call check(nf90_def_var(t%id, 'depth', nf90_double, dimensions, variable, deflate_level=1, shuffle=.true.), here(t))
    call describe(t, variable, 'standard_name', 'sea_floor_depth_below_geopotential_datum')
    call describe(t, variable, 'long_name', 'undisturbed depth')
    call describe(t, variable, 'units', 'm')
    call describe(t, variable, 'positive', 'down')
    call describe(t, variable, 'cell_measures', 'area: cell_area')
    call check(nf90_put_var(t%id, variable, grid%depth), here(t))
    call check(nf90_def_var(t%id, 'mask', nf90_byte, dimensions, variable, deflate_level=1, shuffle=.true.), here(t))
    call describe(t, variable, 'standard_name', 'sea_binary_mask')
    call describe(t, variable, 'long_name', 'wet cells')
    call describe(t, variable, 'units', '1')
    call check(nf90_put_att(t%id, variable, 'flag_values', [0_1, 1_1]), here(t))
    call describe(t, variable, 'flag_meanings', 'land sea')
    call check(nf90_put_var(t%id, variable, merge(1_1, 0_1, grid%wet)), here(t))
    call check(nf90_def_var(t%id, 'cell_area', nf90_double, dimensions, variable, deflate_level=1, shuffle=.true.), here(t))
    call describe(t, variable, 'standard_name', 'cell_area')
    call describe(t, variable, 'long_name', 'area of a cell as the model has it: dx times dy')
    call describe(t, variable, 'units', 'm2')
    call check(nf90_put_var(t%id, variable, spread(spread(grid%dx*grid%dy, 1, grid%nx), 2, grid%ny)), here(t))
  end subroutine add_static

  ! One of zeta, u, v: one state per chunk, as those who read want them in any order.
  integer function field(t, name, dimensions, deflate, standard_name, long_name, units) result(variable)
    type(trajectory_file), intent(in) :: t
    character(len=*), intent(in) :: name, standard_name, long_name, units
    integer, intent(in) :: dimensions(3), deflate
    integer :: chunks(3), k

    chunks = 1
    do k = 1, 2
      call check(nf90_inquire_dimension(t%id, dimensions(k), len=chunks(k)), here(t))
    end do
    call check(nf90_def_var(t%id, name, merge(nf90_double, nf90_float, t%double), dimensions, variable, chunksizes=chunks, &
                            deflate_level=deflate, shuffle=deflate > 0), here(t))
    call describe(t, variable, 'standard_name', standard_name)
    call describe(t, variable, 'long_name', long_name)
    call describe(t, variable, 'units', units)
  end function field

  ! Appends a state.
  subroutine add_record(t, grid, zeta, u, v, time)
    type(trajectory_file), intent(inout) :: t
    type(run_grid_type), intent(in) :: grid
    real(dp), intent(in), dimension(:,:) :: zeta, u, v  ! m, m/s
    real(dp), intent(in) :: time                        ! s since 2000-01-01 00:00:00

    t%records = t%records + 1
    call check(nf90_put_var(t%id, t%time, [time], start=[t%records]), here(t))
    call put(1, merge(zeta, merge(nf90_fill_double, real(nf90_fill_float, dp), t%double), grid%wet))
    call put(2, merge(u, 0.0_dp, grid%east))
    call put(3, merge(v, 0.0_dp, grid%north))

  contains

    subroutine put(k, values)
      integer, intent(in)  :: k
      real(dp), intent(in) :: values(:,:)

      if (t%double) then
        call check(nf90_put_var(t%id, t%fields(k), values, start=[1, 1, t%records]), here(t))
      else
        call check(nf90_put_var(t%id, t%fields(k), real(values, sp), start=[1, 1, t%records]), here(t))
      end if
    end subroutine put

  end subroutine add_record

  ! Completes the file and gives it its name.
  subroutine finish_trajectory(t)
    type(trajectory_file), intent(inout) :: t

    call check(nf90_close(t%id), here(t))
    t%is_open = .false.
    call publish(t%temporary, t%target)
  end subroutine finish_trajectory

  subroutine describe(t, variable, name, text)
    type(trajectory_file), intent(in) :: t
    integer, intent(in) :: variable
    character(len=*), intent(in) :: name, text
    call check(nf90_put_att(t%id, variable, name, text), here(t))
  end subroutine describe

  subroutine set_global_text(t, name, value)
    type(trajectory_file), intent(in) :: t
    character(len=*), intent(in) :: name, value
    call check(nf90_put_att(t%id, nf90_global, name, value), here(t))
  end subroutine set_global_text

  subroutine set_global_real(t, name, value)
    type(trajectory_file), intent(in) :: t
    character(len=*), intent(in) :: name
    real(dp), intent(in) :: value
    call check(nf90_put_att(t%id, nf90_global, name, value), here(t))
  end subroutine set_global_real

  subroutine set_global_integer(t, name, value)
    type(trajectory_file), intent(in) :: t
    character(len=*), intent(in) :: name
    integer, intent(in) :: value
    call check(nf90_put_att(t%id, nf90_global, name, value), here(t))
  end subroutine set_global_integer

  function here(t) result(what)
    type(trajectory_file), intent(in) :: t
    character(len=:), allocatable :: what
    what = "cannot write '"//t%target//"'"
  end function here

end module run_trajectory_file
