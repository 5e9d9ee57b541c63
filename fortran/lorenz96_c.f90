! The C face of the Lorenz '96 models; seiche_reference.h is its manual.
!
! Places are 0-based here, -1 for none, as C and Swift count them.
module lorenz96_c
  use, intrinsic :: iso_c_binding
  use lorenz96
  use lorenz96_complex_step
  use lorenz96_derivatives
  implicit none
  private
  public :: seiche_l96_run, seiche_l96_tendency, seiche_l96_tangent, seiche_l96_adjoint, seiche_l96_complex_step

  type, bind(c) :: c_parameters  ! seiche_l96_parameters
    integer(c_int32_t) :: k, j
    real(c_double)     :: forcing, h, c, b, dt
  end type c_parameters

  type, bind(c) :: c_direction   ! seiche_l96_direction
    real(c_double)     :: forcing, h, c, b
  end type c_direction

  type, bind(c) :: c_report      ! seiche_l96_report
    integer(c_int32_t) :: completed_steps
    integer(c_int32_t) :: place
  end type c_report

contains

  function seiche_l96_run(parameters, state, steps, report) result(status) bind(c, name='seiche_l96_run')
    type(c_parameters), intent(in)        :: parameters
    real(c_double), intent(inout)         :: state(*)
    integer(c_int32_t), value, intent(in) :: steps
    type(c_report), intent(out)           :: report
    integer(c_int32_t) :: status
    type(l96_report) :: r

    call l96_run(from_c(parameters), state, int(steps), r, status)
    report = to_c(r)
  end function seiche_l96_run

  function seiche_l96_tendency(parameters, state, tendency, report) result(status) bind(c, name='seiche_l96_tendency')
    type(c_parameters), intent(in) :: parameters
    real(c_double), intent(in)     :: state(*)
    real(c_double), intent(inout)  :: tendency(*)
    type(c_report), intent(out)    :: report
    integer(c_int32_t) :: status
    type(l96_report) :: r

    call l96_tendency(from_c(parameters), state, tendency, r, status)
    report = to_c(r)
  end function seiche_l96_tendency

  function seiche_l96_tangent(parameters, state, steps, perturbation, forcing_perturbation, report) result(status) &
      bind(c, name='seiche_l96_tangent')
    type(c_parameters), intent(in)        :: parameters
    real(c_double), intent(in)            :: state(*)
    integer(c_int32_t), value, intent(in) :: steps
    real(c_double), intent(inout)         :: perturbation(*)
    real(c_double), value, intent(in)     :: forcing_perturbation
    type(c_report), intent(out)           :: report
    integer(c_int32_t) :: status
    type(l96_report) :: r

    call l96_tangent(from_c(parameters), state, int(steps), perturbation, forcing_perturbation, r, status)
    report = to_c(r)
  end function seiche_l96_tangent

  function seiche_l96_adjoint(parameters, state, steps, cotangent, forcing_gradient, report) result(status) &
      bind(c, name='seiche_l96_adjoint')
    type(c_parameters), intent(in)        :: parameters
    real(c_double), intent(in)            :: state(*)
    integer(c_int32_t), value, intent(in) :: steps
    real(c_double), intent(inout)         :: cotangent(*)
    real(c_double), intent(inout)         :: forcing_gradient
    type(c_report), intent(out)           :: report
    integer(c_int32_t) :: status
    type(l96_report) :: r

    call l96_adjoint(from_c(parameters), state, int(steps), cotangent, forcing_gradient, r, status)
    report = to_c(r)
  end function seiche_l96_adjoint

  function seiche_l96_complex_step(parameters, state, steps, perturbation, direction, report) result(status) &
      bind(c, name='seiche_l96_complex_step')
    type(c_parameters), intent(in)        :: parameters
    real(c_double), intent(in)            :: state(*)
    integer(c_int32_t), value, intent(in) :: steps
    real(c_double), intent(inout)         :: perturbation(*)
    type(c_direction), intent(in)         :: direction
    type(c_report), intent(out)           :: report
    integer(c_int32_t) :: status
    type(l96_report) :: r

    call l96_complex_step(from_c(parameters), state, int(steps), perturbation, &
      l96_direction(forcing=direction%forcing, h=direction%h, c=direction%c, b=direction%b), r, status)
    report = to_c(r)
  end function seiche_l96_complex_step

  pure function from_c(c) result(p)
    type(c_parameters), intent(in) :: c
    type(l96_parameters) :: p

    p = l96_parameters(k=c%k, j=c%j, forcing=c%forcing, h=c%h, c=c%c, b=c%b, dt=c%dt)
  end function from_c

  pure function to_c(r) result(c)
    type(l96_report), intent(in) :: r
    type(c_report) :: c

    c = c_report(completed_steps=r%completed_steps, place=r%place - 1)
  end function to_c

end module lorenz96_c
