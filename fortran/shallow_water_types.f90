! What a run of the shallow-water model is told, and what it tells: parameters, forcing, report.
!
! These types are the same in the real model and in its complex step.
module shallow_water_types
  use, intrinsic :: iso_fortran_env, only: dp => real64, int64
  use sw_status
  implicit none
  private
  public :: sw_parameters, sw_forcing, sw_report, sw_coefficients, parameter_status, shape_status, finite

  real(dp), parameter, public :: sw_wet_threshold = 0.1_dp  ! a cell is wet when it is deeper than this, m
  ! wimp*dt*f above this is refused: each iteration of the Coriolis term gains a factor of at most wimp*dt*f.
  real(dp), parameter, public :: sw_fastest_rotation = 0.9_dp

  type :: sw_parameters
    integer  :: nx = 0, ny = 0              ! number of cells in x and y
    real(dp) :: dx = 0, dy = 0              ! grid spacing, m
    real(dp) :: dt = 0                      ! time step, s
    real(dp) :: gravity = 9.81_dp           ! acceleration of gravity, m/s2
    real(dp) :: wimp = 0.5_dp               ! implicitness of gravity waves and rotation, 0.5 (energy conserving) .. 1 (damping)
    real(dp) :: cd = 1.0e-3_dp              ! coefficient of quadratic bottom drag, per component, dimensionless
    real(dp) :: ah = 1000                   ! lateral friction, m2/s; no slip at closed faces
    real(dp) :: tolerance = 1.0e-12_dp      ! elevation solve: accepted ||r|| / ||b||
    integer  :: max_iterations = 10000      ! elevation solve: allowed iterations
    logical  :: linear = .false.            ! take h = depth instead of zeta + depth
    real(dp) :: linear_drag = 0             ! linear bottom friction R, 1/s: -R*u
    real(dp) :: coriolis = 0                ! Coriolis parameter f in the middle of the grid, 1/s
    real(dp) :: beta = 0                    ! df/dy, 1/(m s): f = coriolis + beta*(y - middle); 0 with a periodic y
    logical  :: periodic_x = .false.        ! the eastern edge meets the western one
    logical  :: periodic_y = .false.        ! the northern edge meets the southern one
    real(dp) :: density = 1025              ! of the water, kg/m3, for the wind
    logical  :: unstable = .false.          ! let wimp < 0.5 pass, to see what it does; for tests
  end type sw_parameters

  ! Wind and given elevations. Null pointers: none. Between given times values are linear, before the first and after
  ! the last constant. State n is at the time start_time + n*dt.
  type :: sw_forcing
    real(dp) :: start_time = 0                                    ! time of state 0, s
    real(dp), pointer, contiguous :: wind_time(:) => null()       ! times of wind_x and wind_y, s, increasing
    real(dp), pointer, contiguous :: wind_x(:,:,:) => null()      ! stress on the water along x, N/m2: (nx, ny, times) at
    real(dp), pointer, contiguous :: wind_y(:,:,:) => null()      ! cell centres, or (1, 1, times) for the same everywhere
    integer, pointer, contiguous  :: boundary_i(:) => null()      ! open boundary: wet cells whose elevation is given, from 1
    integer, pointer, contiguous  :: boundary_j(:) => null()
    real(dp), pointer, contiguous :: frequency(:) => null()       ! of tidal constituents, rad/s
    real(dp), pointer, contiguous :: amplitude(:,:) => null()     ! (cells, constituents), m
    real(dp), pointer, contiguous :: phase(:,:) => null()         ! (cells, constituents), rad: amplitude*cos(frequency*t - phase)
    real(dp), pointer, contiguous :: boundary_time(:) => null()   ! times of boundary_zeta, s, increasing
    real(dp), pointer, contiguous :: boundary_zeta(:,:) => null() ! (cells, times): elevation, m, to which the tides are added
  end type sw_forcing

  ! A change of the coefficients of the step, or the gradient of a number with respect to them.
  type :: sw_coefficients
    real(dp) :: cd = 0                      ! quadratic bottom drag, dimensionless
    real(dp) :: ah = 0                      ! lateral friction, m2/s
    real(dp) :: wimp = 0                    ! implicitness, dimensionless
  end type sw_coefficients

  type :: sw_report
    integer        :: completed_steps = 0   ! steps that the returned state is after the given one
    integer(int64) :: total_iterations = 0  ! iterations of all elevation solves, the failed one included
    integer        :: most_iterations = 0   ! iterations of the longest step
    real(dp)       :: largest_residual = 0  ! largest ||r|| / ||b|| of all solves
    integer        :: i = 0, j = 0          ! place of a failure, 1-based; 0 without one
  end type sw_report

contains

  ! What is wrong with the parameters, sw_ok if nothing. Comparisons are written so that NaN fails them.
  pure function parameter_status(p) result(status)
    type(sw_parameters), intent(in) :: p
    integer :: status

    status = sw_ok
    if (p%nx < 1 .or. p%ny < 1) then
      status = sw_bad_size
    else if (.not. (positive(p%dx) .and. positive(p%dy) .and. positive(p%dt))) then
      status = sw_bad_spacing
    else if (.not. (p%wimp >= merge(0.0_dp, 0.5_dp, p%unstable) .and. p%wimp <= 1)) then
      status = sw_bad_implicitness
    else if (.not. positive(p%gravity)) then
      status = sw_bad_gravity
    else if (.not. (not_negative(p%cd) .and. not_negative(p%ah) .and. not_negative(p%linear_drag))) then
      status = sw_bad_friction
    else if (.not. (p%tolerance > 0 .and. p%tolerance < 1 .and. p%max_iterations >= 1)) then
      status = sw_bad_solver_settings
    else if (.not. (p%wimp*p%dt*fastest(p) <= sw_fastest_rotation .and. .not. (p%periodic_y .and. abs(p%beta) > 0))) then
      status = sw_bad_rotation
    else if (.not. positive(p%density)) then
      status = sw_bad_density
    end if
  end function parameter_status

  ! What is wrong with the parameters or the shapes of arrays that must be (nx, ny).
  pure function shape_status(p, shapes) result(status)
    type(sw_parameters), intent(in) :: p
    integer, intent(in) :: shapes(:,:)      ! (2, arrays)
    integer :: status

    status = parameter_status(p)
    if (status == sw_ok .and. (any(shapes(1,:) /= p%nx) .or. any(shapes(2,:) /= p%ny))) status = sw_bad_shape
  end function shape_status

  ! Largest magnitude of the Coriolis parameter on the grid, 1/s.
  pure real(dp) function fastest(p)
    type(sw_parameters), intent(in) :: p
    fastest = abs(p%coriolis) + abs(p%beta)*0.5_dp*p%ny*p%dy
  end function fastest

  elemental logical function positive(x)
    real(dp), intent(in) :: x
    positive = x > 0 .and. finite(x)
  end function positive

  elemental logical function not_negative(x)
    real(dp), intent(in) :: x
    not_negative = x >= 0 .and. finite(x)
  end function not_negative

  ! Neither NaN nor infinite.
  elemental logical function finite(x)
    real(dp), intent(in) :: x
    finite = abs(x) <= huge(x)
  end function finite

end module shallow_water_types
