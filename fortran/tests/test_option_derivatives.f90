! Tangent-linear, adjoint and complex step of the shallow-water model with each of its options: every property for every
! case of option_cases, nonlinear and linear, w = 0.5 and 0.8.
program test_option_derivatives
  use, intrinsic :: iso_fortran_env, only: dp => real64
  use, intrinsic :: ieee_arithmetic, only: ieee_value, ieee_quiet_nan
  use shallow_water
  use shallow_water_derivatives
  use shallow_water_complex_step
  use shallow_water_complex, only: run_complex => sw_run
  use sw_status
  use checks
  use option_cases
  implicit none

  type(tally) :: t
  type(option_case), allocatable :: cases(:)
  character(len=80) :: suffix
  integer :: k, l, m
  real(dp), parameter :: weights(2) = [0.5_dp, 0.8_dp]

  allocate (cases, source=all_cases())
  do k = 1, size(cases)
    do l = 0, 1
      do m = 1, size(weights)
        cases(k)%p%linear = l == 1
        cases(k)%p%wimp = weights(m)
        write (suffix, '(2a,f3.1,a)') trim(cases(k)%name), ', w = ', weights(m), trim(merge(', linear', '        ', l == 1))
        call dot_product(cases(k))
        call against_complex_step(cases(k))
        call taylor(cases(k))
      end do
    end do
    cases(k)%p%linear = .false.
    cases(k)%p%wimp = 0.6_dp
    suffix = cases(k)%name
    call product_of_tangents(cases(k))
    call depth_derivative(cases(k))
    call real_part(cases(k))
    if (.not. associated(cases(k)%forcing%boundary_i)) call volume(cases(k))
  end do
  call finish(t)

contains

  ! <w, M d> = <M^T w, d>: the adjoint is the transpose of the tangent-linear, to rounding.
  subroutine dot_product(c)
    type(option_case), intent(in) :: c
    real(dp), dimension(c%p%nx,c%p%ny,3) :: x, d, w, forward, backward
    real(dp) :: worst
    integer :: seed

    x = rough_state(c)
    worst = 0
    do seed = 1, 3
      d = direction(c, seed)
      forward = tangent(c, x, d, 3)
      ! vectors without any relation have products that cancel, which would measure that
      w = forward + direction(c, seed + 20)
      backward = adjoint(c, x, w, 3)
      worst = max(worst, abs(sum(w*forward) - sum(backward*d))/abs(sum(w*forward)))
      if (.not. all(abs(backward) < huge(worst))) worst = huge(worst)  ! a NaN is lost in max
    end do
    call check_at_most(t, 'dot product, '//trim(suffix), worst, 1.0e-13_dp)
  end subroutine dot_product

  subroutine against_complex_step(c)
    type(option_case), intent(in) :: c
    real(dp), dimension(c%p%nx,c%p%ny,3) :: x, d, m

    x = rough_state(c)
    d = direction(c, 5)
    m = complex_step(c, x, d, 1, 3)
    call check_at_most(t, 'tangent against complex step, '//trim(suffix), norm2(tangent(c, x, d, 3) - m)/norm2(m), 1.0e-12_dp)
  end subroutine against_complex_step

  ! ||M(x + e d) - M(x) - e M' d|| shrinks as e**2 until rounding; where the step is linear it is rounding throughout.
  subroutine taylor(c)
    type(option_case), intent(in) :: c
    real(dp), dimension(c%p%nx,c%p%ny,3) :: x, d, m, y
    real(dp) :: e, remainder(4)
    integer :: i

    x = rough_state(c)
    d = direction(c, 4)
    y = stepped(c, x, 1, 3)
    m = tangent(c, x, d, 3)
    do i = 1, size(remainder)
      e = 0.1_dp**i
      remainder(i) = norm2(stepped(c, x + e*d, 1, 3) - y - e*m)
    end do
    call check_at_most(t, 'Taylor, |2 - rate|, '//trim(suffix), maxval(abs(2 - log10(remainder(2:3)/remainder(3:4)))), 0.02_dp)
  end subroutine taylor

  ! The complex step of ten steps is the product of ten tangent-linear ones, each at its own state and time.
  subroutine product_of_tangents(c)
    type(option_case), intent(in) :: c
    real(dp), dimension(c%p%nx,c%p%ny,3) :: x, d, m
    integer :: n

    x = 0.3_dp*rough_state(c)  ! the full one falls dry in the first steps
    d = direction(c, 6)
    m = complex_step(c, x, d, 10, 2)
    do n = 2, 11
      d = tangent(c, x, d, n)
      x = stepped(c, x, 1, n)
    end do
    call check_at_most(t, 'ten tangents against complex step, '//trim(suffix), norm2(d - m)/norm2(m), 1.0e-12_dp)
  end subroutine product_of_tangents

  ! Perturbed depth alone: central differences of one step approach its complex step as e**2. (After more steps some
  ! velocity is near 0, where u*abs(u) has no second derivative.)
  subroutine depth_derivative(c)
    type(option_case), intent(in) :: c
    type(option_case) :: moved
    real(dp), dimension(c%p%nx,c%p%ny,3) :: x, m, difference
    real(dp) :: depth_tl(c%p%nx,c%p%ny,3), e, error(3)
    integer :: i

    x = rough_state(c)
    depth_tl = direction(c, 7)
    m = 0
    m = complex_step(c, x, m, 1, 2, depth_tl(:,:,1))
    do i = 1, size(error)
      e = 0.1_dp**(0.5_dp*(i + 1))
      moved = c
      moved%depth = c%depth + e*depth_tl(:,:,1)
      difference = stepped(moved, x, 1, 2)
      moved%depth = c%depth - e*depth_tl(:,:,1)
      difference = (difference - stepped(moved, x, 1, 2))/(2*e)
      error(i) = norm2(difference - m)/norm2(m)
    end do
    call check_at_most(t, 'depth, differences of 0.01 m, '//trim(suffix), error(3), 1.0e-6_dp)
    call check_at_most(t, '... |2 - rate|', maxval(abs(2 - 2*log10(error(1:2)/error(2:3)))), 0.02_dp)
  end subroutine depth_derivative

  ! Where nothing leaves, the volume of the next state has the gradient 1 in wet cells, 0 elsewhere.
  subroutine volume(c)
    type(option_case), intent(in) :: c
    real(dp) :: w(c%p%nx,c%p%ny,3)

    w = 0
    where (c%depth > sw_wet_threshold) w(:,:,1) = 1
    call check_at_most(t, 'adjoint of the volume, distance from 1, '//trim(suffix), &
                       maxval(abs(adjoint(c, rough_state(c), w, 3) - w)), 0.0_dp)
  end subroutine volume

  ! The complex run takes the real one along.
  subroutine real_part(c)
    type(option_case), intent(in) :: c
    real(dp), dimension(c%p%nx,c%p%ny,3) :: x, y
    complex(dp) :: z(c%p%nx,c%p%ny,3), depth(c%p%nx,c%p%ny)
    type(sw_report) :: report
    integer :: status

    x = 0.3_dp*rough_state(c)
    y = stepped(c, x, 10, 2)
    z = cmplx(x, 1.0e-100_dp*direction(c, 8), dp)
    depth = c%depth
    call run_complex(c%p, depth, z(:,:,1), z(:,:,2), z(:,:,3), 10, report, status, c%forcing, 2)
    call check_at_most(t, 'real part of a complex run of ten steps, '//trim(suffix), &
                       merge(norm2(z%re - y)/norm2(y), huge(1.0_dp), status == sw_ok), 1.0e-13_dp)
  end subroutine real_part

  function stepped(c, x, steps, first) result(y)
    type(option_case), intent(in) :: c
    integer, intent(in)  :: steps, first
    real(dp), intent(in) :: x(c%p%nx,c%p%ny,3)
    real(dp) :: y(c%p%nx,c%p%ny,3)

    y = x
    call advance(c%p, c%depth, y(:,:,1), y(:,:,2), y(:,:,3), steps, c%forcing, first)
  end function stepped

  function tangent(c, x, d, step) result(y)
    type(option_case), intent(in) :: c
    integer, intent(in)  :: step
    real(dp), intent(in), dimension(c%p%nx,c%p%ny,3) :: x, d
    real(dp) :: y(c%p%nx,c%p%ny,3)
    type(sw_report) :: report
    integer :: status

    y = d
    call sw_tangent(c%p, c%depth, x(:,:,1), x(:,:,2), x(:,:,3), y(:,:,1), y(:,:,2), y(:,:,3), report, status, c%forcing, step)
    if (status /= sw_ok) y = ieee_value(1.0_dp, ieee_quiet_nan)
  end function tangent

  function adjoint(c, x, w, step) result(y)
    type(option_case), intent(in) :: c
    integer, intent(in)  :: step
    real(dp), intent(in), dimension(c%p%nx,c%p%ny,3) :: x, w
    real(dp) :: y(c%p%nx,c%p%ny,3)
    type(sw_report) :: report
    integer :: status

    y = w
    call sw_adjoint(c%p, c%depth, x(:,:,1), x(:,:,2), x(:,:,3), y(:,:,1), y(:,:,2), y(:,:,3), report, status, c%forcing, step)
    if (status /= sw_ok) y = ieee_value(1.0_dp, ieee_quiet_nan)
  end function adjoint

  function complex_step(c, x, d, steps, first, depth_tl) result(y)
    type(option_case), intent(in) :: c
    integer, intent(in)  :: steps, first
    real(dp), intent(in), dimension(c%p%nx,c%p%ny,3) :: x, d
    real(dp), intent(in), optional :: depth_tl(:,:)
    real(dp) :: y(c%p%nx,c%p%ny,3)
    type(sw_report) :: report
    integer :: status

    y = d
    call sw_complex_step(c%p, c%depth, x(:,:,1), x(:,:,2), x(:,:,3), steps, y(:,:,1), y(:,:,2), y(:,:,3), report, status, &
                         c%forcing, first, depth_tl)
    if (status /= sw_ok) y = ieee_value(1.0_dp, ieee_quiet_nan)
  end function complex_step

end program test_option_derivatives
