! The C face of the Lorenz '96 models; seiche_reference.h is its manual.
!
! Places are 0-based here, -1 for none, as C and Swift count them.
module lorenz96_c
  use, intrinsic :: iso_c_binding
  use lorenz96
  implicit none
  private
  public :: seiche_l96_run, seiche_l96_tendency

  type, bind(c) :: c_parameters  ! seiche_l96_parameters
    integer(c_int32_t) :: k, j
    real(c_double)     :: forcing, h, c, b, dt
  end type c_parameters

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
