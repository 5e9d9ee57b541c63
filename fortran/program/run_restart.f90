! Restart files: a trajectory file of one state in double precision that also knows its step number and the start time.
!
! Forcing is not in it: a run may go on with the next month's wind. Parameters and grid must be the same.
module run_restart
  use, intrinsic :: iso_fortran_env, only: dp => real64
  use shallow_water_types, only: sw_parameters
  use run_files
  use run_netcdf
  use run_grid
  use run_parameters
  use run_initial_state
  use run_settings
  use run_trajectory_file
  implicit none
  private
  public :: write_restart, continue_run

contains

  subroutine write_restart(path, grid, p, zeta, u, v, step, start_time)
    character(len=*), intent(in) :: path
    type(run_grid_type), intent(in) :: grid
    type(sw_parameters), intent(in) :: p
    real(dp), intent(in), dimension(:,:) :: zeta, u, v  ! m, m/s
    integer, intent(in)  :: step                        ! number of the state
    real(dp), intent(in) :: start_time                  ! of state 0, s
    type(trajectory_file) :: t

    call begin_trajectory(t, path, grid, p, p%dt, 'Restart file: one state of a shallow-water run, exact', .true., 1)
    call set_global(t, 'history', 'run_shallow_water')
    call set_global(t, 'step', step)
    call set_global(t, 'start_time', start_time)
    call add_record(t, grid, zeta, u, v, start_time + step*p%dt)
    call finish_trajectory(t)
  end subroutine write_restart

  ! The state to go on from.
  subroutine continue_run(s, grid, p, zeta, u, v, step, start_time)
    type(run_settings_type), intent(in) :: s
    type(run_grid_type), intent(in) :: grid
    type(sw_parameters), intent(in) :: p
    real(dp), allocatable, intent(out), dimension(:,:) :: zeta, u, v
    integer, intent(out)  :: step
    real(dp), intent(out) :: start_time
    type(nc_file) :: file
    real(dp) :: ours(parameter_count), defaults(parameter_count), theirs, time, number
    integer  :: k

    file = open_file(trim(s%continue_from), '&restart from')
    number = number_attribute(file, 'step')
    start_time = number_attribute(file, 'start_time')
    if (.not. (number >= 0 .and. number <= huge(step) - 1)) call fail("the step of '"//file%path//"' is "//number_text(number), &
      remedy='give a restart file')
    step = nint(number)
    call check_grid(grid, file)
    call compare('dt', 's', number_attribute(file, 'time_step'), p%dt)
    if (given(s%start_time)) call compare('start_time', 's', start_time, s%start_time)
    ours = parameter_values(p)
    defaults = parameter_values(sw_parameters())
    do k = 1, parameter_count
      if (parameter_is_option(k)) then
        theirs = number_attribute(file, trim(parameter_names(k)), absent=defaults(k))
      else
        theirs = number_attribute(file, trim(parameter_names(k)))
      end if
      call compare(trim(parameter_keys(k)), '(SI)', theirs, ours(k))
    end do
    allocate (zeta(grid%nx,grid%ny), u(grid%nx,grid%ny), v(grid%nx,grid%ny))
    call read_state(file, 0, grid, zeta, u, v, time)
    call close_file(file)

  contains

    subroutine compare(key, unit, theirs, ours)
      character(len=*), intent(in) :: key, unit
      real(dp), intent(in) :: theirs, ours

      if (abs(theirs - ours) <= 0) return
      call fail("the restart file '"//file%path//"' was made with "//key//' = '//number_text(theirs)//', the settings say '// &
                number_text(ours)//' '//unit, 'a run that goes on must be the same run', &
                'give the old value, or begin a new run from this state: kind = ''file'' in &initial')
    end subroutine compare

  end subroutine continue_run

end module run_restart
