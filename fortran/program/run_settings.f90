! The settings of run_shallow_water: what a namelist file says, with defaults. What each key means is in run_usage.f90.
module run_settings
  use, intrinsic :: iso_fortran_env, only: dp => real64
  use shallow_water_types, only: sw_parameters
  use run_files
  use run_namelist_file
  implicit none
  private
  public :: read_settings, given

  integer, parameter, public :: most_constituents = 20
  real(dp), parameter, public :: not_given = -huge(1.0_dp)  ! of a key whose default depends on other things

  type, public :: run_settings_type
    character(len=path_length) :: path = ''                 ! of the namelist file
    character(len=path_length) :: grid_file = ''            ! &grid
    real(dp) :: minimum_depth = 10
    character(len=16) :: initial_kind = 'rest'              ! &initial
    character(len=path_length) :: initial_file = ''
    integer  :: record = 1
    real(dp) :: elevation = 0.1_dp
    integer  :: bump_i = 0, bump_j = 0, bump_width = 5
    type(sw_parameters) :: parameters                       ! &model; nx, ny, dx, dy come with the grid
    integer  :: steps = -1                                  ! &run
    real(dp) :: start_time = not_given
    character(len=path_length) :: wind_file = ''            ! &wind
    real(dp) :: tau_x = 0, tau_y = 0
    character(len=path_length) :: boundary_file = ''        ! &open_boundary
    character(len=8) :: edges(4) = ''
    character(len=8) :: constituent(most_constituents) = ''
    real(dp), dimension(most_constituents) :: frequency = not_given, amplitude = not_given, phase = 0
    character(len=path_length) :: output_file = ''          ! &output
    integer  :: output_every = 1, deflate = 1
    character(len=8) :: precision = 'float'
    character(len=path_length) :: restart_file = ''         ! &restart
    character(len=path_length) :: continue_from = ''
    integer  :: restart_every = 0
  end type run_settings_type

  character(len=*), parameter :: groups(8) = [character(len=16) :: 'grid', 'initial', 'model', 'run', 'wind', 'open_boundary', &
                                              'output', 'restart']

contains

  ! Reads and checks a namelist file; what depends on the grid is checked later.
  function read_settings(path) result(s)
    character(len=*), intent(in) :: path
    type(run_settings_type) :: s
    character(len=line_length), allocatable :: lines(:)

    s%path = path
    if (s%path /= path) call fail('the path of the settings is too long', remedy='start the program nearer to them')
    call read_lines(path, groups, lines)
    call read_grid(lines, s)
    call read_initial(lines, s)
    call read_model(lines, s)
    call read_run(lines, s)
    call read_wind(lines, s)
    call read_open_boundary(lines, s)
    call read_output(lines, s)
    call read_restart(lines, s)
  end function read_settings

  ! Whether a key without a fixed default was given.
  elemental logical function given(value)
    real(dp), intent(in) :: value
    given = .not. value <= not_given  ! NaN counts as given, and is refused where it is used
  end function given

  subroutine read_grid(lines, s)
    character(len=*), intent(in) :: lines(:)
    type(run_settings_type), intent(inout) :: s
    character(len=path_length) :: file
    real(dp) :: minimum_depth
    character(len=message_length) :: message
    integer :: code
    namelist /grid/ file, minimum_depth

    file = ''
    minimum_depth = s%minimum_depth
    read (lines, nml=grid, iostat=code, iomsg=message)
    call check_group(trim(s%path), 'grid', code, message)
    s%grid_file = path_of('&grid file', file)
    s%minimum_depth = minimum_depth
    if (s%grid_file == '') call fail("'"//trim(s%path)//"' names no grid", &
                                     remedy="give file = 'FILE.nc' in &grid: a bathymetry or a trajectory of Seiche")
  end subroutine read_grid

  subroutine read_initial(lines, s)
    character(len=*), intent(in) :: lines(:)
    type(run_settings_type), intent(inout) :: s
    character(len=path_length) :: file
    character(len=16) :: kind
    integer  :: record, bump_i, bump_j, bump_width
    real(dp) :: elevation
    character(len=message_length) :: message
    integer :: code
    namelist /initial/ kind, file, record, elevation, bump_i, bump_j, bump_width

    kind = s%initial_kind
    file = ''
    record = s%record
    elevation = s%elevation
    bump_i = s%bump_i
    bump_j = s%bump_j
    bump_width = s%bump_width
    read (lines, nml=initial, iostat=code, iomsg=message)
    call check_group(trim(s%path), 'initial', code, message)
    s%initial_kind = kind
    s%initial_file = path_of('&initial file', file)
    s%record = record
    s%elevation = elevation
    s%bump_i = bump_i
    s%bump_j = bump_j
    s%bump_width = bump_width
    call one_of('&initial kind', kind, [character(len=16) :: 'rest', 'constant', 'bump', 'file'])
    if ((kind == 'file') .neqv. (file /= '')) call fail("&initial has kind = '"//trim(kind)//"' and file = '"//trim(file)//"'", &
      remedy="give a file with kind = 'file', and none otherwise")
    if (.not. abs(elevation) <= huge(elevation)) call fail('&initial elevation is '//number_text(elevation)//' m', &
      remedy='give a finite height')
  end subroutine read_initial

  subroutine read_model(lines, s)
    character(len=*), intent(in) :: lines(:)
    type(run_settings_type), intent(inout) :: s
    type(sw_parameters) :: p
    real(dp) :: dt, gravity, wimp, cd, ah, tolerance, linear_drag, coriolis, beta, density
    integer  :: max_iterations
    logical  :: linear, periodic_x, periodic_y
    character(len=message_length) :: message
    integer :: code
    namelist /model/ dt, gravity, wimp, cd, ah, tolerance, max_iterations, linear, linear_drag, coriolis, beta, periodic_x, &
                     periodic_y, density

    dt = p%dt
    gravity = p%gravity
    wimp = p%wimp
    cd = p%cd
    ah = p%ah
    tolerance = p%tolerance
    max_iterations = p%max_iterations
    linear = p%linear
    linear_drag = p%linear_drag
    coriolis = p%coriolis
    beta = p%beta
    periodic_x = p%periodic_x
    periodic_y = p%periodic_y
    density = p%density
    read (lines, nml=model, iostat=code, iomsg=message)
    call check_group(trim(s%path), 'model', code, message)
    s%parameters = sw_parameters(dt=dt, gravity=gravity, wimp=wimp, cd=cd, ah=ah, tolerance=tolerance, &
      max_iterations=max_iterations, linear=linear, linear_drag=linear_drag, coriolis=coriolis, beta=beta, &
      periodic_x=periodic_x, periodic_y=periodic_y, density=density)
    if (.not. dt > 0) call fail('the time step is '//number_text(dt)//' s', remedy='give dt in &model, in seconds')
  end subroutine read_model

  subroutine read_run(lines, s)
    character(len=*), intent(in) :: lines(:)
    type(run_settings_type), intent(inout) :: s
    integer  :: steps
    real(dp) :: start_time
    character(len=message_length) :: message
    integer :: code
    namelist /run/ steps, start_time

    steps = s%steps
    start_time = s%start_time
    read (lines, nml=run, iostat=code, iomsg=message)
    call check_group(trim(s%path), 'run', code, message)
    s%steps = steps
    s%start_time = start_time
    if (steps < 0 .or. steps == huge(steps)) call fail('the run has no valid number of steps', &
      remedy='give steps in &run, 0 or more')
  end subroutine read_run

  subroutine read_wind(lines, s)
    character(len=*), intent(in) :: lines(:)
    type(run_settings_type), intent(inout) :: s
    character(len=path_length) :: file
    real(dp) :: tau_x, tau_y
    character(len=message_length) :: message
    integer :: code
    namelist /wind/ file, tau_x, tau_y

    file = ''
    tau_x = s%tau_x
    tau_y = s%tau_y
    read (lines, nml=wind, iostat=code, iomsg=message)
    call check_group(trim(s%path), 'wind', code, message)
    s%wind_file = path_of('&wind file', file)
    s%tau_x = tau_x
    s%tau_y = tau_y
    if (file /= '' .and. (abs(tau_x) > 0 .or. abs(tau_y) > 0)) &
      call fail('&wind has a file and a constant stress', remedy='give one of them')
  end subroutine read_wind

  subroutine read_open_boundary(lines, s)
    character(len=*), intent(in) :: lines(:)
    type(run_settings_type), intent(inout) :: s
    character(len=path_length) :: file
    character(len=8) :: edges(4), constituent(most_constituents)
    real(dp), dimension(most_constituents) :: frequency, amplitude, phase
    character(len=message_length) :: message
    integer :: code
    namelist /open_boundary/ file, edges, constituent, frequency, amplitude, phase

    file = ''
    edges = s%edges
    constituent = s%constituent
    frequency = s%frequency
    amplitude = s%amplitude
    phase = s%phase
    read (lines, nml=open_boundary, iostat=code, iomsg=message)
    call check_group(trim(s%path), 'open_boundary', code, message)
    s%boundary_file = path_of('&open_boundary file', file)
    s%edges = edges
    s%constituent = constituent
    s%frequency = frequency
    s%amplitude = amplitude
    s%phase = phase
    if (file /= '' .and. any(edges /= '')) call fail('&open_boundary has a file and edges', remedy='give one of them')
    if (all(edges == '') .and. (any(constituent /= '') .or. any(given(amplitude)) .or. any(given(frequency)))) &
      call fail('&open_boundary has a tide but no edges', remedy="give edges = 'north', for example")
  end subroutine read_open_boundary

  subroutine read_output(lines, s)
    character(len=*), intent(in) :: lines(:)
    type(run_settings_type), intent(inout) :: s
    character(len=path_length) :: file
    character(len=8) :: precision
    integer :: every, deflate
    character(len=message_length) :: message
    integer :: code
    namelist /output/ file, every, precision, deflate

    file = ''
    every = s%output_every
    precision = s%precision
    deflate = s%deflate
    read (lines, nml=output, iostat=code, iomsg=message)
    call check_group(trim(s%path), 'output', code, message)
    s%output_file = path_of('&output file', file)
    s%output_every = every
    s%precision = precision
    s%deflate = deflate
    call one_of('&output precision', precision, [character(len=16) :: 'float', 'double'])
    if (every < 1) call fail('&output every is '//number_text(every), remedy='give 1 or more steps')
    if (deflate < 0 .or. deflate > 9) call fail('&output deflate is '//number_text(deflate), remedy='give 0 .. 9')
    if (s%output_file == '') call fail("'"//trim(s%path)//"' names no output", remedy="give file = 'FILE.nc' in &output")
  end subroutine read_output

  subroutine read_restart(lines, s)
    character(len=*), intent(in) :: lines(:)
    type(run_settings_type), intent(inout) :: s
    character(len=path_length) :: file, from
    integer :: every
    character(len=message_length) :: message
    integer :: code
    namelist /restart/ file, every, from

    file = ''
    from = ''
    every = s%restart_every
    read (lines, nml=restart, iostat=code, iomsg=message)
    call check_group(trim(s%path), 'restart', code, message)
    s%restart_file = path_of('&restart file', file)
    s%continue_from = path_of('&restart from', from)
    s%restart_every = every
    if (every < 0 .or. (every > 0 .and. file == '')) call fail('&restart has every = '//number_text(every)// &
      " and file = '"//trim(file)//"'", remedy='give a file, and 0 (at the end only) or a positive number of steps')
  end subroutine read_restart

end module run_settings
