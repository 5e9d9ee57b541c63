! Every refusal of the Lorenz '96 derivatives: its status, its place, and that what was given is left alone.
program test_lorenz96_derivative_refusals
  use, intrinsic :: iso_fortran_env, only: dp => real64
  use, intrinsic :: ieee_arithmetic, only: ieee_value, ieee_quiet_nan, ieee_positive_inf
  use lorenz96
  use lorenz96_derivatives
  use lorenz96_complex_step
  use sw_status
  use checks
  implicit none

  type(l96_parameters), parameter :: one_level = l96_parameters()
  type(tally) :: t

  call refusals
  call directions
  call no_memory
  call finish(t)

contains

  subroutine refusals
    type(l96_parameters) :: p
    real(dp) :: x(40), d(40), nan

    nan = ieee_value(1.0_dp, ieee_quiet_nan)
    x = rough_rings(40, 0)
    d = 1
    call refused('k = 3', l96_parameters(k=3), x, d, 1, l96_bad_size, 0, 0)
    call refused('dt = NaN', l96_parameters(dt=nan), x, d, 1, l96_bad_time_step, 0, 0)
    call refused('steps = -1', one_level, x, d, -1, l96_bad_size, 0, 0)
    x(7) = nan
    call refused('NaN in the state', one_level, x, d, 3, l96_state_not_finite, 7, 0)
    x(7) = 0
    d(9) = nan
    call refused('NaN in the perturbation', one_level, x, d, 3, sw_perturbation_not_finite, 9, 0)
    d(9) = 1.0e308_dp
    call refused('overflow of the derivative', one_level, 1.0e8_dp*x, d, 1, l96_not_finite, -1, 0)
    d = 1
    p = one_level
    p%dt = 0.5_dp
    call refused('overflow of the model', p, x, d, 1000, l96_not_finite, -1, -1)
  end subroutine refusals

  ! All three return the status, the place and the completed steps unless these are -1, and leave what they were given.
  subroutine refused(name, p, x, d, steps, expected, place, completed)
    character(len=*), intent(in) :: name
    type(l96_parameters), intent(in) :: p
    real(dp), intent(in) :: x(40), d(40)
    integer, intent(in)  :: steps, expected, place, completed
    character(len=13), parameter :: names(3) = [character(len=13) :: 'tangent', 'adjoint', 'complex step']
    real(dp) :: y(40), g
    type(l96_report) :: report
    integer :: status, pass

    do pass = 1, 3
      y = d
      g = 5
      if (pass == 1) call l96_tangent(p, x, steps, y, 1.0_dp, report, status)
      if (pass == 2) call l96_adjoint(p, x, steps, y, g, report, status)
      if (pass == 3) call l96_complex_step(p, x, steps, y, l96_direction(), report, status)
      call check_equal(t, 'refused by the '//trim(names(pass))//': '//name, status, expected)
      if (place >= 0) call check_equal(t, '... place', report%place, place)
      if (place < 0 .and. (report%place < 1 .or. report%place > 40)) call check_equal(t, '... no place', report%place, 1)
      if (completed >= 0) call check_equal(t, '... completed steps', report%completed_steps, completed)
      if (completed < 0 .and. report%completed_steps >= steps) call check_equal(t, '... all steps', report%completed_steps, 0)
      if (any(transfer(y, [0], 80) /= transfer(d, [0], 80)) .or. abs(g - 5) > 0) call check_equal(t, '... touched', 1, 0)
    end do
  end subroutine refused

  ! A direction in the coefficients that is not finite is refused too; no element of the state is to blame.
  subroutine directions
    real(dp) :: x(40), d(40), g
    type(l96_report) :: report
    integer :: status

    g = ieee_value(1.0_dp, ieee_positive_inf)
    x = rough_rings(40, 0)
    d = 1
    call l96_tangent(one_level, x, 1, d, g, report, status)
    call check_equal(t, 'refused by the tangent: infinite perturbation of F', status, sw_perturbation_not_finite)
    call check_equal(t, '... place', report%place, 0)
    call l96_complex_step(one_level, x, 1, d, l96_direction(c=g), report, status)
    call check_equal(t, 'refused by the complex step: infinite direction in c', status, sw_perturbation_not_finite)
    call check_equal(t, '... place', report%place, 0)
    call check_at_most(t, '... the perturbation is untouched: difference', maxval(abs(d - 1)), 0.0_dp)
  end subroutine directions

  ! The states that the adjoint would keep, 344 TB here, fit in no address space of 47 bits.
  subroutine no_memory
    real(dp), allocatable :: x(:), d(:)
    real(dp) :: g
    type(l96_report) :: report
    integer :: status

    allocate (x(20000), d(20000), source=1.0_dp)
    g = 5
    call l96_adjoint(l96_parameters(k=20000), x, huge(status), d, g, report, status)
    call check_equal(t, 'refused by the adjoint: more steps than memory holds', status, sw_out_of_memory)
    call check_at_most(t, '... what was given is untouched: difference', maxval(abs(d - 1)) + abs(g - 5), 0.0_dp)
  end subroutine no_memory

end program test_lorenz96_derivative_refusals
