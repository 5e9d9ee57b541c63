! Properties of the tangent-linear and the adjoint of one shallow-water step in a closed basin; those that hold for every
! option are in test_option_derivatives.
!
! The state is rough on purpose: steep waves over a rough bed with islands, currents in both directions, strong drag and
! friction, dx /= dy. No velocity is small, since u*abs(u) has no second derivative at 0; the test from rest is apart.
program test_derivatives
  use, intrinsic :: iso_fortran_env, only: dp => real64
  use, intrinsic :: ieee_arithmetic, only: ieee_value, ieee_quiet_nan, ieee_is_nan
  use shallow_water
  use shallow_water_derivatives
  use shallow_water_complex_step
  use sw_status
  use checks
  implicit none

  integer, parameter :: nx = 31, ny = 24
  real(dp), parameter :: weights(2) = [0.5_dp, 0.8_dp]
  real(dp) :: depth(nx,ny)
  type(tally) :: t
  integer :: k, l

  call rough_basin(nx, ny, depth)
  do l = 0, 1
    do k = 1, size(weights)
      call difference_test(weights(k), l == 1)
    end do
  end do
  call taylor_from_rest
  call linear_model_is_its_own_tangent
  call volume
  call superposition
  call nothing_in_nothing_out
  call closed_places_stay_out
  call repeatable
  call finish(t)

contains

  function settings(wimp, linear) result(p)
    real(dp), intent(in) :: wimp
    logical, intent(in)  :: linear
    type(sw_parameters)  :: p

    p = sw_parameters(nx=nx, ny=ny, dx=10000.0_dp, dy=7000.0_dp, dt=900.0_dp, wimp=wimp, cd=0.03_dp, ah=5000.0_dp, &
                      tolerance=1.0e-15_dp, linear=linear)
  end function settings

  ! zeta of 1 m, u and v of 0.2 .. 0.8 m/s in both directions, zero on closed faces; a state is one vector here.
  function state() result(x)
    real(dp) :: x(nx,ny,3)
    integer :: i, j

    do j = 1, ny
      do i = 1, nx
        x(i,j,1) = sin(0.9_dp*i + 0.2_dp*j)*cos(1.1_dp*j)
        x(i,j,2) = merge(1, -1, mod(i/3 + j/4, 2) == 0)*(0.5_dp + 0.3_dp*sin(2.9_dp*i + 1.3_dp*j))
        x(i,j,3) = merge(1, -1, mod(i/5 + j/2, 2) == 0)*(0.5_dp + 0.3_dp*cos(1.9_dp*i - 2.3_dp*j))
      end do
    end do
    call confine(x)
  end function state

  ! Perturbations without pattern, of size 1 in all three fields.
  function direction(seed) result(d)
    integer, intent(in) :: seed
    real(dp) :: d(nx,ny,3)
    integer :: i, j, c

    do c = 1, 3
      do j = 1, ny
        do i = 1, nx
          d(i,j,c) = sin(real(seed*seed + 7*c*i*j + 13*i*i + 5*j*j*c + seed*(3*i + 11*j), dp))
        end do
      end do
    end do
    call confine(d)
  end function direction

  ! Zero in dry cells and on closed faces.
  subroutine confine(x)
    real(dp), intent(inout) :: x(nx,ny,3)
    logical :: wet(nx+1,ny+1)

    wet = .false.
    wet(1:nx,1:ny) = depth > sw_wet_threshold
    where (.not. wet(1:nx,1:ny)) x(:,:,1) = 0
    where (.not. (wet(1:nx,1:ny) .and. wet(2:nx+1,1:ny))) x(:,:,2) = 0
    where (.not. (wet(1:nx,1:ny) .and. wet(1:nx,2:ny+1))) x(:,:,3) = 0
  end subroutine confine

  function stepped(p, x) result(y)
    type(sw_parameters), intent(in) :: p
    real(dp), intent(in) :: x(nx,ny,3)
    real(dp) :: y(nx,ny,3)
    type(sw_report) :: report
    integer :: status

    y = x
    call sw_run(p, depth, y(:,:,1), y(:,:,2), y(:,:,3), 1, report, status)
    if (status /= sw_ok) y = ieee_value(1.0_dp, ieee_quiet_nan)
  end function stepped

  function tangent(p, x, d) result(y)
    type(sw_parameters), intent(in) :: p
    real(dp), intent(in), dimension(nx,ny,3) :: x, d
    real(dp) :: y(nx,ny,3)
    type(sw_report) :: report
    integer :: status

    y = d
    call sw_tangent(p, depth, x(:,:,1), x(:,:,2), x(:,:,3), y(:,:,1), y(:,:,2), y(:,:,3), report, status)
    if (status /= sw_ok) y = ieee_value(1.0_dp, ieee_quiet_nan)
  end function tangent

  function adjoint(p, x, w) result(y)
    type(sw_parameters), intent(in) :: p
    real(dp), intent(in), dimension(nx,ny,3) :: x, w
    real(dp) :: y(nx,ny,3)
    type(sw_report) :: report
    integer :: status

    y = w
    call sw_adjoint(p, depth, x(:,:,1), x(:,:,2), x(:,:,3), y(:,:,1), y(:,:,2), y(:,:,3), report, status)
    if (status /= sw_ok) y = ieee_value(1.0_dp, ieee_quiet_nan)
  end function adjoint

  function complex_step(p, x, d) result(y)
    type(sw_parameters), intent(in) :: p
    real(dp), intent(in), dimension(nx,ny,3) :: x, d
    real(dp) :: y(nx,ny,3)
    type(sw_report) :: report
    integer :: status

    y = d
    call sw_complex_step(p, depth, x(:,:,1), x(:,:,2), x(:,:,3), 1, y(:,:,1), y(:,:,2), y(:,:,3), report, status)
    if (status /= sw_ok) y = ieee_value(1.0_dp, ieee_quiet_nan)
  end function complex_step

  ! Central differences of size e approach the tangent-linear as e**2 until rounding / e takes over. In linear mode the
  ! step is quadratic and the differences are exact.
  subroutine difference_test(wimp, linear)
    real(dp), intent(in) :: wimp
    logical, intent(in)  :: linear
    real(dp), dimension(nx,ny,3) :: x, d, m, difference
    type(sw_parameters) :: p
    real(dp) :: e, error(6)
    character(len=40) :: name
    integer :: i

    p = settings(wimp, linear)
    write (name, '(a,f3.1,2a)') ', w = ', wimp, ', ', merge('linear   ', 'nonlinear', linear)
    x = state()
    d = direction(3)
    m = tangent(p, x, d)
    do i = 1, size(error)
      e = 0.1_dp**i
      difference = (stepped(p, x + e*d) - stepped(p, x - e*d))/(2*e)
      error(i) = norm2(difference - m)/norm2(m)
    end do
    print '(5x,a,6es9.1)', 'central differences, e = 1e-1 .. 1e-6:', error
    call check_at_most(t, 'tangent against central differences, best e'//trim(name), minval(error), 1.0e-10_dp)
    if (.not. linear) call check_at_most(t, '... error at e = 1e-3 / at 1e-2'//trim(name), error(3)/error(2), 0.011_dp)
  end subroutine difference_test

  ! ||M(x + e d) - M(x) - e M' d|| shrinks as e**2 from rest too: u*abs(u) is once differentiable there.
  subroutine taylor_from_rest
    real(dp), dimension(nx,ny,3) :: x, d, m, y
    type(sw_parameters) :: p
    real(dp) :: e, remainder(4)
    integer :: i

    p = settings(0.5_dp, .false.)
    x = state()
    x(:,:,2:3) = 0
    d = direction(4)
    y = stepped(p, x)
    m = tangent(p, x, d)
    do i = 1, size(remainder)
      e = 0.1_dp**i
      remainder(i) = norm2(stepped(p, x + e*d) - y - e*m)
    end do
    call check_at_most(t, 'Taylor from rest: |2 - rate|', maxval(abs(2 - log10(remainder(2:3)/remainder(3:4)))), 0.02_dp)
  end subroutine taylor_from_rest

  ! Without drag and friction the linear model is its own tangent-linear.
  subroutine linear_model_is_its_own_tangent
    real(dp), dimension(nx,ny,3) :: d
    type(sw_parameters) :: p

    p = settings(0.5_dp, .true.)
    p%cd = 0
    p%ah = 0
    d = direction(5)
    call check_at_most(t, 'linear model, no drag or friction: |M d - step(d)| / |step(d)|', &
                       norm2(tangent(p, state(), d) - stepped(p, d))/norm2(stepped(p, d)), 4*epsilon(1.0_dp))
  end subroutine linear_model_is_its_own_tangent

  ! The volume of the next state has the gradient 1 in wet cells, 0 elsewhere; its tangent is the volume of the
  ! perturbation, even with a poor solve.
  subroutine volume
    real(dp), dimension(nx,ny,3) :: w, g, d
    type(sw_parameters) :: p

    p = settings(0.5_dp, .false.)
    w = 0
    w(:,:,1) = 1
    call confine(w)
    g = adjoint(p, state(), w)
    call check_at_most(t, 'adjoint of the volume: largest distance from 1 in wet cells, 0 elsewhere', maxval(abs(g - w)), 0.0_dp)
    p%tolerance = 1.0e-3_dp
    d = direction(6)
    g = tangent(p, state(), d)
    call check_at_most(t, 'tangent, solves to 1e-3: change of volume / sum of |zeta|', &
                       abs(sum(g(:,:,1)) - sum(d(:,:,1)))/sum(abs(d(:,:,1))), 1.0e-14_dp)
  end subroutine volume

  subroutine superposition
    real(dp), dimension(nx,ny,3) :: x, a, b
    type(sw_parameters) :: p

    p = settings(0.8_dp, .false.)
    x = state()
    a = direction(7)
    b = direction(8)
    call check_at_most(t, 'tangent: |M(2a - 3b) - 2 M a + 3 M b| / |M a|', &
                       norm2(tangent(p, x, 2*a - 3*b) - 2*tangent(p, x, a) + 3*tangent(p, x, b))/norm2(tangent(p, x, a)), &
                       1.0e-13_dp)
    call check_at_most(t, 'adjoint: the same', &
                       norm2(adjoint(p, x, 2*a - 3*b) - 2*adjoint(p, x, a) + 3*adjoint(p, x, b))/norm2(adjoint(p, x, a)), &
                       1.0e-13_dp)
  end subroutine superposition

  subroutine nothing_in_nothing_out
    real(dp), dimension(nx,ny,3) :: zero
    type(sw_parameters) :: p

    p = settings(0.5_dp, .false.)
    zero = 0
    call check_at_most(t, 'tangent of zero: largest', maxval(abs(tangent(p, state(), zero))), 0.0_dp)
    call check_at_most(t, 'adjoint of zero: largest', maxval(abs(adjoint(p, state(), zero))), 0.0_dp)
  end subroutine nothing_in_nothing_out

  ! What dry cells and closed faces hold, NaN included, is not felt; dry cells keep it, closed faces are zero.
  subroutine closed_places_stay_out
    character(len=12), parameter :: derivatives(3) = ['tangent     ', 'adjoint     ', 'complex step']
    real(dp), dimension(nx,ny,3) :: x, d, inside, y
    type(sw_parameters) :: p
    logical :: dry(nx,ny), closed(nx,ny,3)
    integer :: pass

    p = settings(0.5_dp, .false.)
    x = state()
    inside = 1
    call confine(inside)
    closed = .not. inside > 0
    dry = depth <= sw_wet_threshold
    where (closed) x = ieee_value(1.0_dp, ieee_quiet_nan)
    do pass = 1, size(derivatives)
      d = direction(9)
      where (closed) d = ieee_value(1.0_dp, ieee_quiet_nan)
      if (pass == 1) y = tangent(p, x, d)
      if (pass == 2) y = adjoint(p, x, d)
      if (pass == 3) y = complex_step(p, x, d)
      call check_equal(t, 'NaN in dry cells: '//trim(derivatives(pass))//', dry cells that kept theirs', &
                       count(dry .and. ieee_is_nan(y(:,:,1))), count(dry))
      where (closed) d = 0
      where (dry) y(:,:,1) = 0
      if (pass == 1) y = y - tangent(p, state(), d)
      if (pass == 2) y = y - adjoint(p, state(), d)
      if (pass == 3) y = y - complex_step(p, state(), d)
      call check_at_most(t, '... difference elsewhere', maxval(abs(y)) + merge(1, 0, any(ieee_is_nan(y))), 0.0_dp)
    end do
  end subroutine closed_places_stay_out

  ! The step inside is the step of sw_run, and reports say what both solves took.
  subroutine repeatable
    real(dp), dimension(nx,ny,3) :: x, d, y
    type(sw_parameters) :: p
    type(sw_report) :: alone, both
    integer :: status

    p = settings(0.5_dp, .false.)
    x = state()
    y = x
    call sw_run(p, depth, y(:,:,1), y(:,:,2), y(:,:,3), 1, alone, status)
    d = direction(10)
    call sw_tangent(p, depth, x(:,:,1), x(:,:,2), x(:,:,3), d(:,:,1), d(:,:,2), d(:,:,3), both, status)
    call check_equal(t, 'report of the tangent: steps', both%completed_steps, 1)
    call check_equal(t, '... iterations between 1.5 and 2.5 of the step alone: 1', &
                     merge(1, 0, abs(both%total_iterations - 2*alone%total_iterations) <= alone%total_iterations/2), 1)
  end subroutine repeatable

end program test_derivatives
