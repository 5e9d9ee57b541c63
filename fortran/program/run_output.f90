! What a run leaves: states every few steps in trajectory files, and restart files.
!
! Without periodic restarts there is one trajectory file. With them a file ends and the next begins whenever a restart
! file is written, so that whatever stops a run, all states before the restart are in finished files. Such files carry the
! step number of their first state in their names. A run that goes on from a restart does not repeat the state that it
! starts from: the files of its parts follow each other without gap or overlap.
module run_output
  use, intrinsic :: iso_fortran_env, only: dp => real64
  use shallow_water_types, only: sw_parameters
  use run_files
  use run_grid
  use run_namelist_file, only: file_text, path_length
  use run_restart
  use run_settings
  use run_trajectory_file
  implicit none
  private
  public :: output_type, check_output, write_what_is_due, finish_output, next_event

  type :: output_type
    type(trajectory_file) :: file
    integer :: states = 0, files = 0   ! written
    character(len=:), allocatable :: last_name
  end type output_type

contains

  ! Fails before the run rather than after it: files that cannot be written, or that would overwrite what the run reads.
  subroutine check_output(s, first)
    type(run_settings_type), intent(in) :: s
    integer, intent(in) :: first  ! number of the state that the run starts from
    logical :: continues, exists
    character(len=path_length) :: used(7)

    continues = s%continue_from /= ''
    used = [s%grid_file, s%initial_file, s%wind_file, s%boundary_file, s%path, s%continue_from, s%restart_file]
    call apart('&output file', s%output_file, used)
    call apart('&restart file', s%restart_file, used(:5))  ! the file to continue from may be replaced
    if (continues .and. first >= s%steps) call fail("the restart file '"//trim(s%continue_from)//"' is at step "// &
      number_text(first)//', the run ends at step '//number_text(s%steps), 'steps count from state 0, also when a run goes on', &
      'raise steps in &run, if the run is not to end here')
    if ((first + merge(1, 0, continues) - 1)/s%output_every == s%steps/s%output_every .and. first + merge(1, 0, continues) > 0) &
      call fail('no state between step '//number_text(first)//' and '//number_text(s%steps)//' would be written', &
                'states are written at multiples of '//number_text(s%output_every)//' steps', 'lower every in &output')
    inquire (file=trim(s%output_file), exist=exists)
    if (continues .and. s%restart_every == 0 .and. exists) &
      call fail("the output file '"//trim(s%output_file)//"' is there already", 'it may hold the first part of this run', &
                'name another file in &output')
    call check_target(segment_name(s, first))
    if (s%restart_file /= '') call check_target(trim(s%restart_file))
  end subroutine check_output

  subroutine apart(key, path, others)
    character(len=*), intent(in) :: key, path, others(:)

    if (path /= '' .and. any(others == path)) call fail(key//" is '"//trim(path)//"', which the run uses itself", &
                                                        remedy='name another file')
  end subroutine apart

  ! The step at which something is to be written next, after a given one.
  pure integer function next_event(s, step) result(next)
    type(run_settings_type), intent(in) :: s
    integer, intent(in) :: step

    ! As remainders, since sums might overflow.
    next = s%steps - step
    next = min(next, s%output_every - modulo(step, s%output_every))
    if (s%restart_every > 0) next = min(next, s%restart_every - modulo(step, s%restart_every))
    next = step + next
  end function next_event

  ! Writes a state, and a restart file, where this step asks for them.
  subroutine write_what_is_due(o, s, grid, p, zeta, u, v, step, start_time)
    type(output_type), intent(inout) :: o
    type(run_settings_type), intent(in) :: s
    type(run_grid_type), intent(in) :: grid
    type(sw_parameters), intent(in) :: p
    real(dp), intent(in), dimension(:,:) :: zeta, u, v  ! m, m/s
    integer, intent(in)  :: step                        ! number of the state
    real(dp), intent(in) :: start_time                  ! of state 0, s

    if (modulo(step, s%output_every) == 0) then
      if (.not. o%file%is_open) call begin(o, s, grid, p, step)
      call add_record(o%file, grid, zeta, u, v, start_time + step*p%dt)
      o%states = o%states + 1
    end if
    if (s%restart_file == '') return
    if (step == 0 .and. s%steps > 0) return
    if (step < s%steps) then
      if (s%restart_every == 0) return
      if (modulo(step, s%restart_every) /= 0) return
    end if
    ! The states first: a restart file promises that they are there.
    call finish_output(o)
    call write_restart(trim(s%restart_file), grid, p, zeta, u, v, step, start_time)
  end subroutine write_what_is_due

  subroutine begin(o, s, grid, p, step)
    type(output_type), intent(inout) :: o
    type(run_settings_type), intent(in) :: s
    type(run_grid_type), intent(in) :: grid
    type(sw_parameters), intent(in) :: p
    integer, intent(in) :: step

    o%last_name = segment_name(s, step)
    call begin_trajectory(o%file, o%last_name, grid, p, s%output_every*p%dt, 'Semi-implicit shallow-water simulation', &
                          s%precision == 'double', s%deflate)
    call set_global(o%file, 'history', 'run_shallow_water '//trim(s%path))  ! without a date: the same run, the same bytes
    call set_global(o%file, 'command', 'run_shallow_water '//trim(s%path))
    call set_global(o%file, 'settings', file_text(trim(s%path)))
    o%files = o%files + 1
  end subroutine begin

  subroutine finish_output(o)
    type(output_type), intent(inout) :: o
    if (o%file%is_open) call finish_trajectory(o%file)
  end subroutine finish_output

  ! tide.nc, or tide_0000000288.nc where restart files divide a run.
  function segment_name(s, step) result(name)
    type(run_settings_type), intent(in) :: s
    integer, intent(in) :: step
    character(len=:), allocatable :: name
    character(len=11) :: number
    integer :: n

    name = trim(s%output_file)
    if (s%restart_every == 0) return
    write (number, '(a,i10.10)') '_', step
    n = len(name)
    if (n > 3 .and. name(max(n-2, 1):) == '.nc') then
      name = name(:n-3)//number//'.nc'
    else
      name = name//number
    end if
  end function segment_name

end module run_output
