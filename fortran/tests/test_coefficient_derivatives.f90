! Tangent-linear and adjoint of the shallow-water step in its coefficients cd, ah and wimp, with every option
! (option_cases), nonlinear and linear.
program test_coefficient_derivatives
  use, intrinsic :: iso_fortran_env, only: dp => real64
  use, intrinsic :: ieee_arithmetic, only: ieee_value, ieee_quiet_nan
  use shallow_water
  use shallow_water_types, only: sw_coefficients
  use shallow_water_derivatives
  use sw_status
  use checks
  use option_cases
  implicit none

  integer, parameter :: number = 3  ! of the state, for the forcing's time
  type(tally) :: t
  type(option_case), allocatable :: cases(:)
  character(len=80) :: suffix
  integer :: k, l

  allocate (cases, source=all_cases())
  do k = 1, size(cases)
    do l = 0, 1
      cases(k)%p%linear = l == 1
      cases(k)%p%wimp = 0.7_dp
      suffix = trim(cases(k)%name)//trim(merge(', linear', '        ', l == 1))
      call dot_product(cases(k))
      call differences(cases(k), 'cd', sw_coefficients(cd=0.01_dp))
      call differences(cases(k), 'ah', sw_coefficients(ah=2000.0_dp))
      call taylor(cases(k))
      call same_state_derivative(cases(k))
    end do
  end do
  call refusals(cases(1))
  call finish(t)

contains

  ! <w, M d + P q> = <M^T w, d> + <P^T w, q>, each coefficient's part as large as the state's.
  subroutine dot_product(c)
    type(option_case), intent(in) :: c
    real(dp), dimension(c%p%nx,c%p%ny,3) :: x, d, w, forward, backward
    type(sw_coefficients) :: q, gradient
    real(dp) :: right, worst
    integer :: seed

    x = rough_state(c)
    worst = 0
    do seed = 1, 3
      d = direction(c, seed)
      q = sw_coefficients(cd=0.02_dp*(-1)**seed, ah=8000.0_dp, wimp=-0.9_dp)
      call tangent(c, x, d, q, forward)
      w = forward + direction(c, seed + 20)
      call adjoint(c, x, w, backward, gradient)
      right = sum(backward*d) + gradient%cd*q%cd + gradient%ah*q%ah + gradient%wimp*q%wimp
      worst = max(worst, abs(sum(w*forward) - right)/abs(sum(w*forward)))
      if (.not. abs(right) < huge(worst)) worst = huge(worst)  ! a NaN is lost in max
    end do
    call check_at_most(t, 'dot product, '//trim(suffix), worst, 1.0e-13_dp)
  end subroutine dot_product

  ! The step is linear in drag and friction: wide differences are their derivatives.
  subroutine differences(c, name, q)
    type(option_case), intent(in) :: c
    character(len=*), intent(in)  :: name
    type(sw_coefficients), intent(in) :: q
    real(dp), dimension(c%p%nx,c%p%ny,3) :: x, zero, derivative, difference

    x = rough_state(c)
    zero = 0
    call tangent(c, x, zero, q, derivative)
    difference = 0.5_dp*(stepped(c, x, q, 1.0_dp) - stepped(c, x, q, -1.0_dp))
    call check_at_most(t, 'differences, '//name//', '//trim(suffix), norm2(difference - derivative)/norm2(derivative), 1.0e-12_dp)
  end subroutine differences

  ! State and all coefficients at once: the remainder of the first order falls as e**2.
  subroutine taylor(c)
    type(option_case), intent(in) :: c
    real(dp), dimension(c%p%nx,c%p%ny,3) :: x, d, y, m
    type(sw_coefficients) :: q
    real(dp) :: e, remainder(3)
    integer :: i

    x = rough_state(c)
    d = direction(c, 4)
    q = sw_coefficients(cd=0.02_dp, ah=3000.0_dp, wimp=0.6_dp)
    y = stepped(c, x, q, 0.0_dp)
    call tangent(c, x, d, q, m)
    do i = 1, size(remainder)
      e = 0.1_dp**(i + 1)
      remainder(i) = norm2(stepped(c, x + e*d, q, e) - y - e*m)
    end do
    call check_at_most(t, 'Taylor, |2 - rate|, '//trim(suffix), maxval(abs(2 - log10(remainder(1:2)/remainder(2:3)))), 0.05_dp)
  end subroutine taylor

  ! No change of the coefficients changes nothing, and asking for their gradient leaves that of the state as it is.
  subroutine same_state_derivative(c)
    type(option_case), intent(in) :: c
    real(dp), dimension(c%p%nx,c%p%ny,3) :: x, d, with, without
    type(sw_coefficients) :: gradient
    real(dp) :: difference
    type(sw_report) :: report
    integer :: status

    x = rough_state(c)
    d = direction(c, 9)
    call tangent(c, x, d, sw_coefficients(), with)
    without = d
    call sw_tangent(c%p, c%depth, x(:,:,1), x(:,:,2), x(:,:,3), without(:,:,1), without(:,:,2), without(:,:,3), report, status, &
                    c%forcing, number)
    difference = maxval(abs(with - without))
    call adjoint(c, x, d, with, gradient)
    without = d
    call sw_adjoint(c%p, c%depth, x(:,:,1), x(:,:,2), x(:,:,3), without(:,:,1), without(:,:,2), without(:,:,3), report, status, &
                    c%forcing, number)
    call check_at_most(t, 'state derivatives as without, '//trim(suffix), max(difference, maxval(abs(with - without))), 0.0_dp)
  end subroutine same_state_derivative

  subroutine refusals(c)
    type(option_case), intent(in) :: c
    real(dp), dimension(c%p%nx,c%p%ny,3) :: x, d, y
    type(sw_report) :: report
    integer :: status

    x = rough_state(c)
    d = direction(c, 9)
    y = d
    call sw_tangent(c%p, c%depth, x(:,:,1), x(:,:,2), x(:,:,3), y(:,:,1), y(:,:,2), y(:,:,3), report, status, c%forcing, number, &
                    sw_coefficients(ah=ieee_value(1.0_dp, ieee_quiet_nan)))
    call check_equal(t, 'a change of ah that is not a number', status, sw_perturbation_not_finite)
    call check_at_most(t, '... leaves the perturbation', maxval(abs(y - d)), 0.0_dp)
  end subroutine refusals

  ! One step with e times a change of the coefficients.
  function stepped(c, x, q, e) result(y)
    type(option_case), intent(in) :: c
    real(dp), intent(in) :: x(c%p%nx,c%p%ny,3), e
    type(sw_coefficients), intent(in) :: q
    real(dp) :: y(c%p%nx,c%p%ny,3)
    type(sw_parameters) :: p

    p = c%p
    p%cd = p%cd + e*q%cd
    p%ah = p%ah + e*q%ah
    p%wimp = p%wimp + e*q%wimp
    y = x
    call advance(p, c%depth, y(:,:,1), y(:,:,2), y(:,:,3), 1, c%forcing, number)
  end function stepped

  subroutine tangent(c, x, d, q, y)
    type(option_case), intent(in) :: c
    real(dp), intent(in), dimension(c%p%nx,c%p%ny,3) :: x, d
    type(sw_coefficients), intent(in) :: q
    real(dp), intent(out) :: y(c%p%nx,c%p%ny,3)
    type(sw_report) :: report
    integer :: status

    y = d
    call sw_tangent(c%p, c%depth, x(:,:,1), x(:,:,2), x(:,:,3), y(:,:,1), y(:,:,2), y(:,:,3), report, status, c%forcing, number, q)
    if (status /= sw_ok) y = ieee_value(1.0_dp, ieee_quiet_nan)
  end subroutine tangent

  subroutine adjoint(c, x, w, y, gradient)
    type(option_case), intent(in) :: c
    real(dp), intent(in), dimension(c%p%nx,c%p%ny,3) :: x, w
    real(dp), intent(out) :: y(c%p%nx,c%p%ny,3)
    type(sw_coefficients), intent(out) :: gradient
    type(sw_report) :: report
    integer :: status

    y = w
    call sw_adjoint(c%p, c%depth, x(:,:,1), x(:,:,2), x(:,:,3), y(:,:,1), y(:,:,2), y(:,:,3), report, status, c%forcing, number, &
                    gradient)
    if (status /= sw_ok) y = ieee_value(1.0_dp, ieee_quiet_nan)
  end subroutine adjoint

end program test_coefficient_derivatives
