! Properties of the derivatives of the Lorenz '96 models: hand-written tangent-linear and adjoint, and the complex step.
program test_lorenz96_derivatives
  use, intrinsic :: iso_fortran_env, only: dp => real64
  use, intrinsic :: ieee_arithmetic, only: ieee_value, ieee_quiet_nan
  use lorenz96
  use lorenz96_derivatives
  use lorenz96_complex_step
  use lorenz96_complex, only: complex_run => l96_run
  use sw_status
  use checks
  implicit none

  integer, parameter :: ks(3) = [4, 5, 7], js(4) = [0, 1, 2, 3]
  type(tally) :: t
  type(l96_parameters), parameter :: one_level = l96_parameters(), &
    two_levels = l96_parameters(k=36, j=10, forcing=10.0_dp, dt=0.005_dp)
  type(l96_parameters) :: odd
  character(len=20) :: name
  integer :: a, b

  call properties('one level', one_level)
  call properties('two levels', two_levels)
  do a = 1, size(ks)
    do b = 1, size(js)
      odd = l96_parameters(k=ks(a), j=js(b), forcing=9.0_dp, h=0.7_dp, c=7.0_dp, b=4.0_dp, dt=0.01_dp)
      write (name, '(a,i0,a,i0)') 'K = ', ks(a), ', J = ', js(b)
      call properties(trim(name), odd)
    end do
  end do
  call coefficients
  call no_size_is_too_small_or_large
  call finish(t)

contains

  subroutine properties(name, p)
    character(len=*), intent(in) :: name
    type(l96_parameters), intent(in) :: p

    call dot_product_test(name, p, 1)
    call dot_product_test(name, p, 20)
    call complex_step_test(name, p, 1)
    call complex_step_test(name, p, 20)
    call taylor_test(name, p, 1)
    call taylor_test(name, p, 20)
    call halves_equal_whole(name, p)
    call real_part_is_the_run(name, p)
  end subroutine properties

  ! <w, M'(d, f)> = <M'^T w, d> + f*(gradient with respect to F): the adjoint is the transpose, to rounding.
  subroutine dot_product_test(name, p, steps)
    character(len=*), intent(in) :: name
    type(l96_parameters), intent(in) :: p
    integer, intent(in) :: steps
    real(dp), dimension(p%k + p%k*p%j) :: x, d, w, forward, backward
    real(dp) :: worst, g, f
    integer :: seed

    x = rough_rings(p%k, p%j)
    worst = 0
    do seed = 1, 5
      d = direction(size(d), seed)
      f = 0.3_dp*seed
      forward = tangent(p, x, d, f, steps)
      ! vectors without any relation have products that cancel, which would measure that
      w = forward/norm2(forward) + 0.3_dp*direction(size(d), seed + 20)/norm2(d)
      call adjoint(p, x, w, steps, backward, g)
      worst = max(worst, abs(sum(w*forward) - sum(backward*d) - f*g)/abs(sum(w*forward)))
    end do
    call check_at_most(t, label(name, steps)//'dot product: relative difference', worst, 1.0e-13_dp)
  end subroutine dot_product_test

  ! The tangent-linear, along the state and F together and along F alone, is the derivative of the model's own source.
  subroutine complex_step_test(name, p, steps)
    character(len=*), intent(in) :: name
    type(l96_parameters), intent(in) :: p
    integer, intent(in) :: steps
    real(dp), dimension(p%k + p%k*p%j) :: x, d, exact
    real(dp) :: worst
    integer :: seed

    x = rough_rings(p%k, p%j)
    worst = 0
    do seed = 1, 5
      d = direction(size(d), seed)
      if (seed == 5) d = 0
      exact = complex_derivative(p, x, d, l96_direction(forcing=0.7_dp), steps)
      worst = max(worst, norm2(tangent(p, x, d, 0.7_dp, steps) - exact)/norm2(exact))
    end do
    call check_at_most(t, label(name, steps)//'tangent against complex step', worst, 1.0e-12_dp)
  end subroutine complex_step_test

  ! ||M(x + e d, F + e f) - M(x, F) - e M'(d, f)|| shrinks as e**2.
  subroutine taylor_test(name, p, steps)
    character(len=*), intent(in) :: name
    type(l96_parameters), intent(in) :: p
    integer, intent(in) :: steps
    real(dp), dimension(p%k + p%k*p%j) :: x, d, m, y
    type(l96_parameters) :: moved
    real(dp) :: e, remainder(3)
    integer :: i

    x = rough_rings(p%k, p%j)
    d = direction(size(d), 4)
    y = stepped(p, x, steps)
    m = tangent(p, x, d, 0.5_dp, steps)
    do i = 1, size(remainder)
      e = 0.1_dp**(i + 2)
      moved = p
      moved%forcing = p%forcing + e*0.5_dp
      remainder(i) = norm2(stepped(moved, x + e*d, steps) - y - e*m)
    end do
    call check_at_most(t, label(name, steps)//'Taylor: |2 - rate|', maxval(abs(2 - log10(remainder(1:2)/remainder(2:3)))), 0.02_dp)
  end subroutine taylor_test

  ! Derivatives of 20 steps are those of 7 and of 13 one after the other, bit for bit; those of none change nothing.
  subroutine halves_equal_whole(name, p)
    character(len=*), intent(in) :: name
    type(l96_parameters), intent(in) :: p
    real(dp), dimension(p%k + p%k*p%j) :: x, between, d, back, half, both
    real(dp) :: difference, g

    x = rough_rings(p%k, p%j)
    between = stepped(p, x, 7)
    d = direction(size(d), 6)
    difference = maxval(abs(tangent(p, x, d, 0.0_dp, 20) - tangent(p, between, tangent(p, x, d, 0.0_dp, 7), 0.0_dp, 13)))
    call adjoint(p, x, d, 20, back, g)
    call adjoint(p, between, d, 13, half, g)
    call adjoint(p, x, half, 7, both, g)
    difference = max(difference, maxval(abs(back - both)), maxval(abs(tangent(p, x, d, 1.0_dp, 0) - d)))
    call adjoint(p, x, d, 0, back, g)
    difference = max(difference, maxval(abs(back - d)), abs(g))
    call check_at_most(t, label(name, 20)//'halves, no steps: difference', difference, 0.0_dp)
  end subroutine halves_equal_whole

  ! The complex source is the model: the real part of its state has the bits of the real run.
  subroutine real_part_is_the_run(name, p)
    character(len=*), intent(in) :: name
    type(l96_parameters), intent(in) :: p
    real(dp), dimension(p%k + p%k*p%j) :: x
    complex(dp), dimension(p%k + p%k*p%j) :: z
    type(l96_report) :: report
    integer :: status

    x = rough_rings(p%k, p%j)
    z = cmplx(x, 1.0e-100_dp*direction(size(x), 7), dp)
    call complex_run(p, z, 200, report, status)
    call check_at_most(t, label(name, 200)//'complex source: real part - real run', maxval(abs(real(z, dp) - stepped(p, x, 200))) &
                       + status, 0.0_dp)
  end subroutine real_part_is_the_run

  ! Along each of h, c and b the complex step agrees with central differences, and along all together with the sum.
  subroutine coefficients
    real(dp), dimension(396) :: x, zero, d, total, difference
    type(l96_parameters) :: plus, minus
    type(l96_direction) :: along(3)
    real(dp), parameter :: e = 1.0e-5_dp
    real(dp) :: worst
    integer :: i

    x = rough_rings(36, 10)
    zero = 0
    along = [l96_direction(h=1.0_dp), l96_direction(c=1.0_dp), l96_direction(b=1.0_dp)]
    total = 0
    worst = 0
    do i = 1, 3
      d = complex_derivative(two_levels, x, zero, along(i), 20)
      total = total + d
      plus = two_levels
      plus%h = plus%h + e*along(i)%h
      plus%c = plus%c + e*along(i)%c
      plus%b = plus%b + e*along(i)%b
      minus = two_levels
      minus%h = minus%h - e*along(i)%h
      minus%c = minus%c - e*along(i)%c
      minus%b = minus%b - e*along(i)%b
      difference = (stepped(plus, x, 20) - stepped(minus, x, 20))/(2*e)
      worst = max(worst, norm2(d - difference)/norm2(d))
    end do
    call check_at_most(t, 'complex step along h, c, b against central differences, e = 1e-5', worst, 1.0e-8_dp)
    d = complex_derivative(two_levels, x, zero, l96_direction(h=1.0_dp, c=1.0_dp, b=1.0_dp), 20)
    call check_at_most(t, '... along all three: distance from the sum', norm2(d - total)/norm2(d), 1.0e-13_dp)
  end subroutine coefficients

  ! The complex step is linear in the perturbation over the whole range of the reals, bit for bit in powers of two.
  subroutine no_size_is_too_small_or_large
    real(dp), dimension(40) :: x, d, exact
    real(dp) :: factor, worst
    integer :: power

    x = rough_rings(40, 0)
    d = direction(40, 8)
    exact = complex_derivative(one_level, x, d, l96_direction(), 20)
    worst = 0
    do power = -960, 960, 240
      factor = 2.0_dp**power
      worst = max(worst, maxval(abs(complex_derivative(one_level, x, factor*d, l96_direction(), 20)/factor - exact)))
    end do
    call check_at_most(t, 'complex step, perturbations of 1e-289 .. 1e289: difference', worst, 0.0_dp)
    call check_at_most(t, '... of zero: largest', maxval(abs(complex_derivative(one_level, x, 0*d, l96_direction(), 20))), 0.0_dp)
  end subroutine no_size_is_too_small_or_large

  function stepped(p, x, steps) result(y)
    type(l96_parameters), intent(in) :: p
    real(dp), intent(in) :: x(:)
    integer, intent(in)  :: steps
    real(dp) :: y(size(x))
    type(l96_report) :: report
    integer :: status

    y = x
    call l96_run(p, y, steps, report, status)
    if (status /= sw_ok) y = ieee_value(1.0_dp, ieee_quiet_nan)
  end function stepped

  function tangent(p, x, d, f, steps) result(y)
    type(l96_parameters), intent(in) :: p
    real(dp), intent(in) :: x(:), d(:), f
    integer, intent(in)  :: steps
    real(dp) :: y(size(x))
    type(l96_report) :: report
    integer :: status

    y = d
    call l96_tangent(p, x, steps, y, f, report, status)
    if (status /= sw_ok .or. report%completed_steps /= steps) y = ieee_value(1.0_dp, ieee_quiet_nan)
  end function tangent

  subroutine adjoint(p, x, w, steps, y, g)
    type(l96_parameters), intent(in) :: p
    real(dp), intent(in)  :: x(:), w(:)
    integer, intent(in)   :: steps
    real(dp), intent(out) :: y(size(x)), g
    type(l96_report) :: report
    real(dp) :: back(size(x))
    integer :: status

    back = w
    g = 0
    call l96_adjoint(p, x, steps, back, g, report, status)
    if (status /= sw_ok .or. report%completed_steps /= steps) g = ieee_value(1.0_dp, ieee_quiet_nan)
    y = back
  end subroutine adjoint

  function complex_derivative(p, x, d, along, steps) result(y)
    type(l96_parameters), intent(in) :: p
    real(dp), intent(in) :: x(:), d(:)
    type(l96_direction), intent(in) :: along
    integer, intent(in)  :: steps
    real(dp) :: y(size(x))
    type(l96_report) :: report
    integer :: status

    y = d
    call l96_complex_step(p, x, steps, y, along, report, status)
    if (status /= sw_ok .or. report%completed_steps /= steps) y = ieee_value(1.0_dp, ieee_quiet_nan)
  end function complex_derivative

  ! A direction without pattern, of size 1.
  pure function direction(n, seed) result(d)
    integer, intent(in) :: n, seed
    real(dp) :: d(n)
    integer :: i

    do i = 1, n
      d(i) = sin(real(seed*seed + 13*i*i + seed*3*i, dp))
    end do
  end function direction

  function label(name, steps) result(text)
    character(len=*), intent(in) :: name
    integer, intent(in) :: steps
    character(len=:), allocatable :: text
    character(len=40) :: buffer

    write (buffer, '(2a,i0,a)') name, ', steps = ', steps, ':'
    text = trim(buffer)//' '
  end function label

end program test_lorenz96_derivatives
