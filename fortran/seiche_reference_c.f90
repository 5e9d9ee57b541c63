! The C face of the reference models; seiche_reference.h is its manual.
!
! Places are 0-based here, -1 for none, as C and Swift count them.
module seiche_reference_c
  use, intrinsic :: iso_c_binding
  use shallow_water
  use shallow_water_derivatives
  use sw_status
  implicit none
  private
  public :: seiche_sw_run, seiche_sw_stencil, seiche_sw_tangent, seiche_sw_adjoint, seiche_status_text

  type, bind(c) :: c_parameters  ! seiche_sw_parameters
    integer(c_int32_t) :: nx, ny
    real(c_double)     :: dx, dy, dt, gravity, wimp, cd, ah, tolerance
    integer(c_int32_t) :: max_iterations
    integer(c_int32_t) :: linear
  end type c_parameters

  type, bind(c) :: c_report      ! seiche_sw_report
    integer(c_int64_t) :: total_iterations
    real(c_double)     :: largest_residual
    integer(c_int32_t) :: completed_steps
    integer(c_int32_t) :: most_iterations
    integer(c_int32_t) :: i, j
  end type c_report

contains

  function seiche_sw_run(parameters, depth, zeta, u, v, steps, report) result(status) bind(c, name='seiche_sw_run')
    type(c_parameters), intent(in)        :: parameters
    real(c_double), intent(in)            :: depth(parameters%nx, parameters%ny)
    real(c_double), intent(inout)         :: zeta(parameters%nx, parameters%ny)
    real(c_double), intent(inout)         :: u(parameters%nx, parameters%ny)
    real(c_double), intent(inout)         :: v(parameters%nx, parameters%ny)
    integer(c_int32_t), value, intent(in) :: steps
    type(c_report), intent(out)           :: report
    integer(c_int32_t) :: status
    type(sw_report) :: r

    call sw_run(from_c(parameters), depth, zeta, u, v, int(steps), r, status)
    report = to_c(r)
  end function seiche_sw_run

  function seiche_sw_stencil(parameters, depth, zeta, ce, cw, cn, cs, report) result(status) bind(c, name='seiche_sw_stencil')
    type(c_parameters), intent(in) :: parameters
    real(c_double), intent(in)     :: depth(parameters%nx, parameters%ny)
    real(c_double), intent(in)     :: zeta(parameters%nx, parameters%ny)
    real(c_double), intent(inout), dimension(parameters%nx, parameters%ny) :: ce, cw, cn, cs
    type(c_report), intent(out)    :: report
    integer(c_int32_t) :: status
    type(sw_report) :: r

    call sw_stencil(from_c(parameters), depth, zeta, ce, cw, cn, cs, r, status)
    report = to_c(r)
  end function seiche_sw_stencil

  function seiche_sw_tangent(parameters, depth, zeta, u, v, dzeta, du, dv, report) result(status) bind(c, name='seiche_sw_tangent')
    type(c_parameters), intent(in) :: parameters
    real(c_double), intent(in)     :: depth(parameters%nx, parameters%ny)
    real(c_double), intent(in), dimension(parameters%nx, parameters%ny)    :: zeta, u, v
    real(c_double), intent(inout), dimension(parameters%nx, parameters%ny) :: dzeta, du, dv
    type(c_report), intent(out)    :: report
    integer(c_int32_t) :: status
    type(sw_report) :: r

    call sw_tangent(from_c(parameters), depth, zeta, u, v, dzeta, du, dv, r, status)
    report = to_c(r)
  end function seiche_sw_tangent

  function seiche_sw_adjoint(parameters, depth, zeta, u, v, azeta, au, av, report) result(status) bind(c, name='seiche_sw_adjoint')
    type(c_parameters), intent(in) :: parameters
    real(c_double), intent(in)     :: depth(parameters%nx, parameters%ny)
    real(c_double), intent(in), dimension(parameters%nx, parameters%ny)    :: zeta, u, v
    real(c_double), intent(inout), dimension(parameters%nx, parameters%ny) :: azeta, au, av
    type(c_report), intent(out)    :: report
    integer(c_int32_t) :: status
    type(sw_report) :: r

    call sw_adjoint(from_c(parameters), depth, zeta, u, v, azeta, au, av, r, status)
    report = to_c(r)
  end function seiche_sw_adjoint

  subroutine seiche_status_text(status, text, length) bind(c, name='seiche_status_text')
    integer(c_int32_t), value, intent(in) :: status
    integer(c_int32_t), value, intent(in) :: length
    character(kind=c_char), intent(inout) :: text(length)
    character(len=200) :: words
    integer :: i, n

    if (length < 1) return
    words = sw_status_text(int(status))
    n = min(len_trim(words), length - 1)
    do i = 1, n
      text(i) = words(i:i)
    end do
    text(n+1) = c_null_char
  end subroutine seiche_status_text

  pure function from_c(c) result(p)
    type(c_parameters), intent(in) :: c
    type(sw_parameters) :: p

    p = sw_parameters(nx=c%nx, ny=c%ny, dx=c%dx, dy=c%dy, dt=c%dt, gravity=c%gravity, wimp=c%wimp, cd=c%cd, ah=c%ah, &
                      tolerance=c%tolerance, max_iterations=c%max_iterations, linear=c%linear /= 0)
  end function from_c

  pure function to_c(r) result(c)
    type(sw_report), intent(in) :: r
    type(c_report) :: c

    c = c_report(total_iterations=r%total_iterations, largest_residual=r%largest_residual, &
                 completed_steps=r%completed_steps, most_iterations=r%most_iterations, i=r%i - 1, j=r%j - 1)
  end function to_c

end module seiche_reference_c
