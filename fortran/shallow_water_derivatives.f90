! Tangent-linear and adjoint of one step of the module shallow_water, hand-written.
!
! With M the step (zeta, u, v) -> (zeta', u', v'), sw_tangent applies its Jacobian at a state to a perturbation and
! sw_adjoint the transposed Jacobian to a cotangent; depth and parameters are held fixed. Names end in _tl and _ad in
! the loops; here tl and ad are whole workspaces of such variables.
!
! What is differentiated. On faces h = zeta + d depends on zeta (not in linear mode); u*abs(u) has the derivative
! 2*abs(u); the elevation system A(h)*dz = b, solved at the given state, gives by the implicit function theorem
!   A*dz_tl = b_tl - A_tl*dz
! and since A_tl*dz is the flux of the slope of dz through the changed depth, the right-hand side is
!   b_tl - A_tl*dz = -dt*div(h*((1-wimp)*u_tl + wimp*uq_tl)) - dt*div(h_tl*((1-wimp)*u + wimp*u'))
! A is symmetric: the adjoint solves with the same matrix. Of the step itself only h, u and u' are needed.
! Both solves stop at the given tolerance, relative to their own right-hand sides; the Jacobian is that of an exact solve.
! The sum of zeta_tl over wet cells is conserved to rounding, whatever the tolerance.
!
! The velocity of closed faces does not reach the next state, nor does it come out of a step: entries there count as
! zero and are returned as zero. The elevation of dry cells, which a step leaves alone, is neither read nor changed.
module shallow_water_derivatives
  use, intrinsic :: iso_fortran_env, only: dp => real64
  use sw_status
  use semi_implicit_step
  use semi_implicit_derivatives
  use shallow_water
  use shallow_water_workspace
  implicit none
  private
  public :: sw_tangent, sw_adjoint

contains

  ! Replaces a perturbation of a state by the perturbation, to first order, of the state one step later.
  ! On failure the perturbation is untouched. The report counts both solves, the step's own and the derivative's.
  subroutine sw_tangent(parameters, depth, zeta, u, v, zeta_tl, u_tl, v_tl, report, status)
    type(sw_parameters), intent(in) :: parameters                              ! see module shallow_water
    real(dp), intent(in)    :: depth(parameters%nx, parameters%ny)             ! undisturbed depth, m, positive downwards
    real(dp), intent(in)    :: zeta(parameters%nx, parameters%ny)              ! state at the start of the step: elevation, m
    real(dp), intent(in)    :: u(parameters%nx, parameters%ny)                 ! ... velocity along x on east faces, m/s
    real(dp), intent(in)    :: v(parameters%nx, parameters%ny)                 ! ... velocity along y on north faces, m/s
    real(dp), intent(inout) :: zeta_tl(parameters%nx, parameters%ny)           ! perturbation of the elevation, m
    real(dp), intent(inout) :: u_tl(parameters%nx, parameters%ny)              ! ... of u, m/s
    real(dp), intent(inout) :: v_tl(parameters%nx, parameters%ny)              ! ... of v, m/s
    type(sw_report), intent(out) :: report                                     ! completed_steps is 1 without failure
    integer, intent(out)    :: status                                          ! see module sw_status
    type(workspace), target :: w, tl

    call linearise(parameters, depth, zeta, u, v, zeta_tl, u_tl, v_tl, w, tl, report, status)
    if (status /= sw_ok) return

    associate (p => parameters)
      call face_depths_tl(p%nx, p%ny, p%linear, w%mu, w%mv, tl%zeta, tl%hu, tl%hv)
      ! slope and lateral friction are linear: explicit_velocity without drag is their tangent-linear
      call explicit_velocity(p%nx, p%ny, 1, 0, p%dx, p%dx, p%dy, p%dt, p%gravity, 0.0_dp, p%ah, w%mu, w%hu, tl%zeta, tl%u, tl%un)
      call explicit_velocity(p%nx, p%ny, 0, 1, p%dy, p%dx, p%dy, p%dt, p%gravity, 0.0_dp, p%ah, w%mv, w%hv, tl%zeta, tl%v, tl%vn)
      call drag_tl(p%nx, p%ny, p%dt, p%cd, w%mu, w%hu, w%u, tl%hu, tl%u, tl%un)
      call drag_tl(p%nx, p%ny, p%dt, p%cd, w%mv, w%hv, w%v, tl%hv, tl%v, tl%vn)

      ! tl%b: what the velocities of the step carry through the changed depths, in the elevation system and after it
      call continuity(p%nx, p%ny, p%dx, p%dy, p%dt, p%wimp, tl%hu, tl%hv, w%u, w%v, w%un, w%vn, tl%b)
      call continuity(p%nx, p%ny, p%dx, p%dy, p%dt, p%wimp, w%hu, w%hv, tl%u, tl%v, tl%un, tl%vn, w%b)
      call add_field(p%nx, p%ny, tl%b, w%b)
      call solve_elevation(p, w, w%b, tl%dz, report, status)
      if (status /= sw_ok) return

      call implicit_velocity(p%nx, p%ny, 1, 0, p%dx, p%dt, p%gravity, p%wimp, w%mu, tl%dz, tl%un)
      call implicit_velocity(p%nx, p%ny, 0, 1, p%dy, p%dt, p%gravity, p%wimp, w%mv, tl%dz, tl%vn)
      call continuity(p%nx, p%ny, p%dx, p%dy, p%dt, p%wimp, w%hu, w%hv, tl%u, tl%v, tl%un, tl%vn, tl%dz)
      call add_field(p%nx, p%ny, tl%b, tl%dz)
      call accept(tl%zeta, tl%dz, tl%u, tl%un, tl%v, tl%vn)
    end associate
    call finish(parameters, tl, zeta_tl, u_tl, v_tl, report, status)
  end subroutine sw_tangent

  ! Replaces the gradient of a number with respect to the state one step later by its gradient with respect to the
  ! state: M'^T applied to a cotangent, whose units are the number's per m and per m/s.
  ! On failure the cotangent is untouched. The report counts both solves, the step's own and the derivative's.
  subroutine sw_adjoint(parameters, depth, zeta, u, v, zeta_ad, u_ad, v_ad, report, status)
    type(sw_parameters), intent(in) :: parameters                              ! see module shallow_water
    real(dp), intent(in)    :: depth(parameters%nx, parameters%ny)             ! undisturbed depth, m, positive downwards
    real(dp), intent(in)    :: zeta(parameters%nx, parameters%ny)              ! state at the start of the step: elevation, m
    real(dp), intent(in)    :: u(parameters%nx, parameters%ny)                 ! ... velocity along x on east faces, m/s
    real(dp), intent(in)    :: v(parameters%nx, parameters%ny)                 ! ... velocity along y on north faces, m/s
    real(dp), intent(inout) :: zeta_ad(parameters%nx, parameters%ny)           ! gradient with respect to the elevation, 1/m
    real(dp), intent(inout) :: u_ad(parameters%nx, parameters%ny)              ! ... to u, s/m
    real(dp), intent(inout) :: v_ad(parameters%nx, parameters%ny)              ! ... to v, s/m
    type(sw_report), intent(out) :: report                                     ! completed_steps is 1 without failure
    integer, intent(out)    :: status                                          ! see module sw_status
    type(workspace), target :: w, ad

    call linearise(parameters, depth, zeta, u, v, zeta_ad, u_ad, v_ad, w, ad, report, status)
    if (status /= sw_ok) return

    ! What was given belongs to the new velocities; the old ones have no share yet. ad%b and ad%hu, ad%hv start at zero.
    ad%un = ad%u
    ad%vn = ad%v
    ad%u = 0
    ad%v = 0
    associate (p => parameters)
      call continuity_ad(p%nx, p%ny, 1, 0, p%dx, p%dt, p%wimp, w%hu, w%u, w%un, ad%zeta, ad%hu, ad%u, ad%un)
      call continuity_ad(p%nx, p%ny, 0, 1, p%dy, p%dt, p%wimp, w%hv, w%v, w%vn, ad%zeta, ad%hv, ad%v, ad%vn)
      call slope_ad(p%nx, p%ny, p%dx, p%dy, p%dt, p%gravity, p%wimp, ad%un, ad%vn, ad%b)
      call solve_elevation(p, w, ad%b, ad%dz, report, status)
      if (status /= sw_ok) return

      ! from here on ad%un and ad%vn belong to the estimates uq and vq
      call continuity_ad(p%nx, p%ny, 1, 0, p%dx, p%dt, p%wimp, w%hu, w%u, w%un, ad%dz, ad%hu, ad%u, ad%un)
      call continuity_ad(p%nx, p%ny, 0, 1, p%dy, p%dt, p%wimp, w%hv, w%v, w%vn, ad%dz, ad%hv, ad%v, ad%vn)
      call explicit_velocity_ad(p%nx, p%ny, p%dx, p%dy, p%dt, p%cd, p%ah, w%mu, w%hu, w%u, ad%un, ad%hu, ad%u)
      call explicit_velocity_ad(p%nx, p%ny, p%dx, p%dy, p%dt, p%cd, p%ah, w%mv, w%hv, w%v, ad%vn, ad%hv, ad%v)
      call slope_ad(p%nx, p%ny, p%dx, p%dy, p%dt, p%gravity, 1.0_dp, ad%un, ad%vn, ad%zeta)
      call face_depths_ad(p%nx, p%ny, p%linear, ad%hu, ad%hv, ad%zeta)
    end associate
    call finish(parameters, ad, zeta_ad, u_ad, v_ad, report, status)
  end subroutine sw_adjoint

  ! Takes the step that is differentiated, which leaves h, u, u' and the matrix in w, and loads the perturbation or
  ! cotangent into a workspace of its own.
  subroutine linearise(p, depth, zeta, u, v, zeta_d, u_d, v_d, w, d, report, status)
    type(sw_parameters), intent(in) :: p
    real(dp), intent(in), dimension(p%nx,p%ny) :: depth, zeta, u, v, zeta_d, u_d, v_d
    type(workspace), intent(inout), target :: w, d              ! neither is allocated yet
    type(sw_report), intent(inout) :: report
    integer, intent(out) :: status

    status = parameter_status(p)
    if (status /= sw_ok) return
    call prepare(p%nx, p%ny, depth, w, report%i, report%j, status)
    if (status /= sw_ok) return
    call load_state(p%nx, p%ny, zeta, u, v, w, report%i, report%j, status)
    if (status /= sw_ok) return
    call prepare(p%nx, p%ny, depth, d, report%i, report%j, status)
    if (status /= sw_ok) return
    call load_state(p%nx, p%ny, zeta_d, u_d, v_d, d, report%i, report%j, status)
    if (status /= sw_ok) then
      status = sw_perturbation_not_finite
      return
    end if
    call one_step(p, w, report, status)
  end subroutine linearise

  ! Stores the result, unless something in it overflowed.
  subroutine finish(p, d, zeta_d, u_d, v_d, report, status)
    type(sw_parameters), intent(in) :: p
    type(workspace), intent(inout), target :: d
    real(dp), intent(inout), dimension(p%nx,p%ny) :: zeta_d, u_d, v_d
    type(sw_report), intent(inout) :: report
    integer, intent(out) :: status

    status = sw_ok
    call find_not_finite(p%nx, p%ny, d%zeta, report%i, report%j)
    if (report%i == 0) call find_not_finite(p%nx, p%ny, d%u, report%i, report%j)
    if (report%i == 0) call find_not_finite(p%nx, p%ny, d%v, report%i, report%j)
    if (report%i > 0) then
      status = sw_not_finite
      return
    end if
    call store_state(p%nx, p%ny, d, zeta_d, u_d, v_d)
    report%completed_steps = 1
  end subroutine finish

end module shallow_water_derivatives
