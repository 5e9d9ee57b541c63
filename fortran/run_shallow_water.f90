! The shallow-water model as a program: reads a namelist, runs the library, writes NetCDF. docs/run_shallow_water.md, --help.
program run_shallow_water
  use, intrinsic :: iso_fortran_env, only: dp => real64, int64, error_unit, output_unit
  use shallow_water
  use sw_status
  use run_files
  use run_netcdf
  use run_settings
  use run_usage
  use run_grid
  use run_bathymetry
  use run_initial_state
  use run_wind
  use run_open_boundary
  use run_restart
  use run_output
  use run_progress
  implicit none

  ! Steps between two looks at the clock; the library prepares its work arrays once for them.
  integer, parameter :: most_steps_at_once = 50
  type(run_settings_type) :: s
  type(run_grid_type) :: grid
  type(sw_parameters) :: p
  type(sw_forcing)    :: forcing
  type(sw_report)     :: report
  type(output_type)   :: output
  real(dp), allocatable, dimension(:,:) :: zeta, u, v
  integer(int64) :: iterations
  integer :: step, first, next, status

  s = read_settings(argument())
  grid = grid_of(s)
  p = s%parameters
  p%nx = grid%nx
  p%ny = grid%ny
  p%dx = grid%dx
  p%dy = grid%dy
  p%periodic_x = grid%periodic_x
  p%periodic_y = grid%periodic_y
  first = 0
  if (s%continue_from /= '') then
    call continue_run(s, grid, p, zeta, u, v, first, forcing%start_time)
  else
    call initial_state(s, grid, zeta, u, v, forcing%start_time)
  end if
  call set_wind(s, grid, forcing)
  call set_open_boundary(s, grid, forcing)
  call sw_run(p, grid%depth, zeta, u, v, 0, report, status, forcing, first)
  call check_status()
  call check_output(s, first)

  iterations = 0
  step = first
  call begin_progress(first)
  if (s%continue_from == '') call write_what_is_due(output, s, grid, p, zeta, u, v, step, forcing%start_time)
  do while (step < s%steps)
    next = min(next_event(s, step), step + min(most_steps_at_once, s%steps - step))
    call sw_run(p, grid%depth, zeta, u, v, next - step, report, status, forcing, step)
    iterations = iterations + report%total_iterations
    call check_status()
    step = next
    call write_what_is_due(output, s, grid, p, zeta, u, v, step, forcing%start_time)
    call show_progress(step, s%steps)
  end do
  call finish_output(output)
  write (output_unit, '(a)') number_text(output%states)//' states in '//number_text(output%files)//' file(s), the last '// &
    output%last_name//'; '//number_text(step - first)//' steps, '// &
    number_text(int(iterations/max(step - first, 1)))//' iterations of the solver a step'

contains

  ! The path of the settings; help, or none, ends the program.
  function argument() result(path)
    character(len=:), allocatable :: path
    integer :: length

    if (command_argument_count() /= 1) then
      call print_usage(error_unit)
      call leave(1)
    end if
    call get_command_argument(1, length=length)
    allocate (character(len=length) :: path)
    call get_command_argument(1, path)
    if (path == '--help' .or. path == '-h') then
      call print_usage(output_unit)
      flush (output_unit)
      call leave(0)
    end if
  end function argument

  function grid_of(s) result(grid)
    type(run_settings_type), intent(in) :: s
    type(run_grid_type) :: grid
    type(nc_file) :: file

    file = open_file(trim(s%grid_file), '&grid file')
    if (has_variable(file, 'elevation')) then
      grid = grid_from_bathymetry(file, s%minimum_depth, s%parameters%periodic_x, s%parameters%periodic_y)
    else if (has_variable(file, 'depth')) then
      grid = grid_from_trajectory(file)
    else
      call fail("the grid file '"//file%path//"' holds neither elevation nor depth", &
                remedy='give a bathymetry with elevation(lat, lon), or a file that Seiche wrote')
    end if
    call close_file(file)
    grid%periodic_x = grid%periodic_x .or. s%parameters%periodic_x
    grid%periodic_y = grid%periodic_y .or. s%parameters%periodic_y
    call set_masks(grid)
  end function grid_of

  ! Ends the program where the library reports a failure: place, reason and remedy are the library's.
  subroutine check_status()
    character(len=:), allocatable :: what, text
    integer :: colon

    if (status == sw_ok) return
    text = trim(sw_status_text(status))
    colon = index(text, ': ', back=.true.)
    what = 'the model refuses the settings'
    if (step_is_under_way()) what = 'step '//number_text(step + report%completed_steps + 1)//' of '//number_text(s%steps)//' failed'
    if (report%i > 0) what = what//' at cell ('//number_text(report%i)//', '//number_text(report%j)//'), counted from 1'
    call fail(what, text(:colon-1), text(colon+2:))
  end subroutine check_status

  logical function step_is_under_way()
    step_is_under_way = any(status == [sw_face_fell_dry, sw_not_converged, sw_not_finite])
  end function step_is_under_way

end program run_shallow_water
