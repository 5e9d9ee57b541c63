! Derivatives of the Lorenz '96 models by complex step: the model's own source, compiled for complex numbers (scalar.h).
!
! With M the model over some steps, a function of the state and of the coefficients q = (F, h, c, b),
!   Im M(state + i*e*d_state, q + i*e*d_q)/e
! is the derivative of M along (d_state, d_q) up to e**2 relative, and nothing is subtracted: with e = 2**(-332), about
! 1e-100, it is exact to rounding. It costs about four times the run. (Squire and Trapp 1998, SIAM Review 40, 110-112.)
module lorenz96_complex_step
  use, intrinsic :: iso_fortran_env, only: dp => real64
  use sw_status
  use lorenz96_types
  use lorenz96_complex, only: l96_coefficients, l96_run_with, coefficients_of
  implicit none
  private
  public :: l96_complex_step, l96_direction

  type :: l96_direction                           ! a direction in the coefficients; h, c, b are for two levels
    real(dp) :: forcing = 0, h = 0, c = 0, b = 0
  end type l96_direction

  real(dp), parameter :: e = 2.0_dp**(-332)

contains

  ! Replaces a perturbation of a state by the derivative, along it and along a direction in the coefficients, of the
  ! state some steps later. On failure the perturbation is untouched.
  subroutine l96_complex_step(parameters, state, steps, perturbation, direction, report, status)
    type(l96_parameters), intent(in) :: parameters  ! see module lorenz96_types
    real(dp), intent(in)    :: state(*)             ! k + k*j values, X then Y
    integer, intent(in)     :: steps                ! time steps, >= 0
    real(dp), intent(inout) :: perturbation(*)      ! k + k*j values
    type(l96_direction), intent(in) :: direction    ! added to the coefficients, as perturbation to the state
    type(l96_report), intent(out) :: report         ! what the run did and where it failed
    integer, intent(out)    :: status               ! see module sw_status
    type(l96_coefficients) :: q
    complex(dp), allocatable :: z(:)
    real(dp) :: size_of_all
    integer :: n, i, code

    status = l96_parameter_status(parameters)
    if (steps < 0) status = l96_bad_size
    if (status /= sw_ok) return
    n = parameters%k + parameters%k*parameters%j
    allocate (z(n), stat=code)
    if (code /= 0) then
      status = sw_out_of_memory
      return
    end if

    ! e is relative to the largest entry, by a power of two, so that no size of perturbation under- or overflows.
    size_of_all = max(abs(direction%forcing), abs(direction%h), abs(direction%c), abs(direction%b))
    if (.not. direction_is_finite(direction)) status = sw_perturbation_not_finite
    do i = n, 1, -1
      if (.not. abs(perturbation(i)) <= huge(e)) then
        status = sw_perturbation_not_finite
        report%place = i
      end if
      size_of_all = max(size_of_all, abs(perturbation(i)))
    end do
    if (status /= sw_ok) return
    size_of_all = set_exponent(1.0_dp, min(max(exponent(size_of_all), minexponent(e) + 1), maxexponent(e) - 1))

    do i = 1, n
      z(i) = cmplx(state(i), perturbation(i)/size_of_all*e, dp)
    end do
    q = coefficients_of(parameters)
    q%forcing = q%forcing + cmplx(0.0_dp, direction%forcing/size_of_all*e, dp)
    q%h = q%h + cmplx(0.0_dp, direction%h/size_of_all*e, dp)
    q%c = q%c + cmplx(0.0_dp, direction%c/size_of_all*e, dp)
    q%b = q%b + cmplx(0.0_dp, direction%b/size_of_all*e, dp)
    call l96_run_with(parameters, q, z, steps, report, status)
    if (status /= sw_ok) return

    ! Scaled back, a derivative can overflow where the run did not; in which step is not known, so the last one is named.
    do i = n, 1, -1
      if (.not. abs(aimag(z(i))/e*size_of_all) <= huge(e)) report%place = i
    end do
    if (report%place > 0) then
      status = l96_not_finite
      report%completed_steps = max(steps - 1, 0)
      return
    end if
    do i = 1, n
      perturbation(i) = aimag(z(i))/e*size_of_all
    end do
  end subroutine l96_complex_step

  pure logical function direction_is_finite(d)
    type(l96_direction), intent(in) :: d
    direction_is_finite = all(abs([d%forcing, d%h, d%c, d%b]) <= huge(d%h))
  end function direction_is_finite

end module lorenz96_complex_step
