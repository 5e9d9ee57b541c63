! Every refusal of the shallow-water model: its status, its place, and the state it leaves behind.
program test_refusals
  use, intrinsic :: iso_fortran_env, only: dp => real64
  use, intrinsic :: ieee_arithmetic, only: ieee_value, ieee_quiet_nan, ieee_positive_inf
  use shallow_water
  use sw_status
  use checks
  implicit none

  integer, parameter :: nx = 20, ny = 16
  real(dp), dimension(nx,ny) :: depth, zeta, u, v
  type(sw_parameters) :: good, p
  type(sw_report) :: report
  type(tally) :: t
  real(dp) :: nan, infinity
  integer :: status

  nan = ieee_value(1.0_dp, ieee_quiet_nan)
  infinity = ieee_value(1.0_dp, ieee_positive_inf)
  good = sw_parameters(nx=nx, ny=ny, dx=10000.0_dp, dy=8000.0_dp, dt=900.0_dp)

  call refuse_parameters
  call refuse_fields
  call refuse_while_running
  call explain
  call finish(t)

contains

  subroutine refuse_parameters
    call fresh
    p%nx = 0
    call expect('nx = 0', sw_bad_size)
    call fresh
    call sw_run(p, depth, zeta, u, v, -1, report, status)
    call check_equal(t, 'steps = -1', status, sw_bad_size)
    p%dx = 0
    call expect('dx = 0', sw_bad_spacing)
    call fresh
    p%dy = -1
    call expect('dy < 0', sw_bad_spacing)
    call fresh
    p%dt = nan
    call expect('dt = NaN', sw_bad_spacing)
    call fresh
    p%dt = infinity
    call expect('dt infinite', sw_bad_spacing)
    call fresh
    p%wimp = 0.4999_dp
    call expect('wimp below 0.5', sw_bad_implicitness)
    call fresh
    p%wimp = 1.0001_dp
    call expect('wimp above 1', sw_bad_implicitness)
    call fresh
    p%wimp = nan
    call expect('wimp = NaN', sw_bad_implicitness)
    call fresh
    p%gravity = 0
    call expect('gravity = 0', sw_bad_gravity)
    call fresh
    p%cd = -1
    call expect('cd < 0', sw_bad_friction)
    call fresh
    p%ah = nan
    call expect('ah = NaN', sw_bad_friction)
    call fresh
    p%tolerance = 0
    call expect('tolerance = 0', sw_bad_solver_settings)
    call fresh
    p%max_iterations = 0
    call expect('max_iterations = 0', sw_bad_solver_settings)
  end subroutine refuse_parameters

  subroutine refuse_fields
    call fresh
    depth = -5
    call expect('all dry', sw_all_dry)
    call fresh
    depth(4,3) = nan
    call expect_at('NaN depth', sw_depth_not_finite, 4, 3)
    call fresh
    depth(4,3) = infinity
    call expect_at('infinite depth', sw_depth_not_finite, 4, 3)
    call fresh
    zeta(5,11) = nan
    call expect_at('NaN elevation in a wet cell', sw_zeta_not_finite, 5, 11)
    call fresh
    u(5,12) = infinity
    call expect_at('infinite u on an open face', sw_velocity_not_finite, 5, 12)
    call fresh
    v(3,12) = nan
    call expect_at('NaN v on an open face', sw_velocity_not_finite, 3, 12)
    call fresh
    call sw_run(p, depth(:,:ny-1), zeta, u, v, 1, report, status)
    call check_equal(t, 'depth of another shape', status, sw_bad_shape)
    call sw_run(p, depth, zeta, u, v(:nx-1,:), 1, report, status)
    call check_equal(t, 'v of another shape', status, sw_bad_shape)
  end subroutine refuse_fields

  subroutine refuse_while_running
    real(dp), dimension(nx,ny) :: z1, u1, v1
    integer :: completed

    call fresh
    zeta(9,5) = -60
    call expect_at('surface below the bed: at the face south of it', sw_face_fell_dry, 9, 4)

    ! A trough pulls the water from under its neighbour after some steps; the state is the last good one.
    call fresh
    depth = 15
    depth(8:10,8) = 0.2_dp
    zeta = 0
    zeta(9,8) = -0.19_dp
    zeta(9,9) = 3
    p%dt = 300
    call sw_run(p, depth, zeta, u, v, 1000, report, status)
    completed = report%completed_steps
    call check_equal(t, 'face falls dry during a run', status, sw_face_fell_dry)
    call check_equal(t, '... after some steps: 1', merge(1, 0, completed > 0), 1)
    z1 = zeta
    u1 = u
    v1 = v
    zeta = 0
    zeta(9,8) = -0.19_dp
    zeta(9,9) = 3
    u = 0
    v = 0
    call sw_run(p, depth, zeta, u, v, completed, report, status)
    call check_equal(t, '... status of the completed steps alone', status, sw_ok)
    call check_at_most(t, '... the state left is the last completed one: difference', &
                       maxval(abs(z1 - zeta)) + maxval(abs(u1 - u)) + maxval(abs(v1 - v)), 0.0_dp)

    call fresh
    p%dt = 3000
    p%max_iterations = 2
    z1 = zeta
    call sw_run(p, depth, zeta, u, v, 5, report, status)
    call check_equal(t, 'max_iterations exhausted', status, sw_not_converged)
    call check_equal(t, '... place inside the grid: 1', merge(1, 0, report%i >= 1 .and. report%i <= nx .and. report%j >= 1), 1)
    call check_equal(t, '... iterations', report%most_iterations, 2)
    call check_at_most(t, '... residual reported above the tolerance: tolerance / residual', &
                       p%tolerance/report%largest_residual, 1.0_dp)
    call check_at_most(t, '... state as on entry: difference', maxval(abs(zeta - z1)) + maxval(abs(u)), 0.0_dp)

    call fresh
    u(9,8) = 1.0e200_dp
    call sw_run(p, depth, zeta, u, v, 5, report, status)
    call check_equal(t, 'overflow during a step', status, sw_not_finite)
  end subroutine refuse_while_running

  ! Each status has words of its own that fit the promised length.
  subroutine explain
    character(len=200) :: text
    integer :: code, blank

    blank = 0
    do code = sw_ok, l96_not_finite
      if (code > sw_out_of_memory .and. code < l96_bad_size) cycle
      text = sw_status_text(code)
      if (len_trim(text) == 0 .or. len_trim(text) == 200 .or. text == sw_status_text(-1)) blank = blank + 1
    end do
    call check_equal(t, 'statuses without words', blank, 0)
  end subroutine explain

  subroutine fresh
    p = good
    call rough_basin(nx, ny, depth)
    call bump(nx, ny, zeta)
    u = 0
    v = 0
  end subroutine fresh

  ! One step must return the expected status and leave the state alone.
  subroutine expect(name, expected)
    character(len=*), intent(in) :: name
    integer, intent(in) :: expected
    real(dp), dimension(nx,ny) :: before

    before = zeta
    call sw_run(p, depth, zeta, u, v, 1, report, status)
    call check_equal(t, 'refused: '//name, status, expected)
    if (any(transfer(zeta, [0]) /= transfer(before, [0]))) call check_equal(t, '... state touched', 1, 0)
  end subroutine expect

  subroutine expect_at(name, expected, i, j)
    character(len=*), intent(in) :: name
    integer, intent(in) :: expected, i, j

    call expect(name, expected)
    call check_equal(t, '... place, i + 1000*j', report%i + 1000*report%j, i + 1000*j)
  end subroutine expect_at

end program test_refusals
