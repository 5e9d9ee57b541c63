! Tangent-linear and adjoint of one step of the module shallow_water, hand-written.
!
! With M the step (zeta, u, v) -> (zeta', u', v'), sw_tangent applies its Jacobian at a state to a perturbation and
! sw_adjoint the transposed Jacobian to a cotangent; depth and forcing are held fixed, and so are the parameters, but for
! cd, ah and wimp where a change of them is given or the gradient with respect to them asked for (see
! shallow_water_coefficients). Names end in _tl and _ad in the loops; here tl and ad are whole workspaces of such variables.
!
! What is differentiated. On faces h = zeta + d depends on zeta (not in linear mode); u*abs(u) has the derivative
! 2*abs(u). The implicit part, by the implicit function theorem, is the solution of the same equations as the step's:
!   u'_tl = uq_tl + wimp*dt*C(u'_tl) - wimp*dt*g*G(dz_tl),   dz_tl = -dt*D(h*((1-wimp)*u_tl + wimp*u'_tl)) + source
! (C Coriolis, G gradient, D divergence), the source being -dt*D(h_tl*((1-wimp)*u + wimp*u')), what the step's velocities
! carry through the changed depths.
! Transposed, these equations have the unknowns (a, n): since G and -D, and h*C and -h*C, are each other's transposes,
!   a = -u'_ad/h - wimp*dt*C(a) - wimp*dt*g*G(n),   n = zeta'_ad/g - wimp*dt*D(h*a),
! the same equations with the opposite rotation. uq_ad = -h*a and dz_ad = g*n follow. As in the step, n is solved for as
! a change, here of zeta'_ad/g, and taken once more from the fluxes.
! Where the elevation is given (open boundary) dz_tl = -zeta_tl and n = 0.
! Both solves stop at the given tolerance, relative to their own right-hand sides; the Jacobian is that of an exact solve.
! In a closed basin the sum of zeta_tl over wet cells is conserved to rounding, whatever the tolerance.
!
! The velocity of closed faces does not reach the next state, nor does it come out of a step: entries there count as
! zero and are returned as zero. The elevation of dry cells, which a step leaves alone, is neither read nor changed.
module shallow_water_derivatives
  use, intrinsic :: iso_fortran_env, only: dp => real64
  use sw_status
  use semi_implicit_loops
  use semi_implicit_system
  use semi_implicit_derivatives
  use shallow_water_types
  use shallow_water_coefficients
  use shallow_water
  use shallow_water_workspace
  implicit none
  private
  public :: sw_tangent, sw_adjoint

contains

  ! Replaces a perturbation of a state by the perturbation, to first order, of the state one step later.
  ! On failure the perturbation is untouched. The report counts both solves, the step's own and the derivative's.
  subroutine sw_tangent(parameters, depth, zeta, u, v, zeta_tl, u_tl, v_tl, report, status, forcing, step, coefficients_tl)
    type(sw_parameters), intent(in) :: parameters                              ! see module shallow_water
    real(dp), intent(in)    :: depth(:,:)                                      ! undisturbed depth, m, positive downwards
    real(dp), intent(in)    :: zeta(:,:)                                       ! state at the start of the step: elevation, m
    real(dp), intent(in)    :: u(:,:)                                          ! ... velocity along x on east faces, m/s
    real(dp), intent(in)    :: v(:,:)                                          ! ... velocity along y on north faces, m/s
    real(dp), intent(inout) :: zeta_tl(:,:)                                    ! perturbation of the elevation, m
    real(dp), intent(inout) :: u_tl(:,:)                                       ! ... of u, m/s
    real(dp), intent(inout) :: v_tl(:,:)                                       ! ... of v, m/s
    type(sw_report), intent(out) :: report                                     ! completed_steps is 1 without failure
    integer, intent(out)    :: status                                          ! see module sw_status
    type(sw_forcing), intent(in), optional :: forcing                          ! wind and open boundary, if any
    integer, intent(in), optional :: step                                      ! number of the state, for the forcing's time
    type(sw_coefficients), intent(in), optional :: coefficients_tl             ! change of cd, ah and wimp
    type(workspace), target :: w, tl
    integer :: k

    call linearise(parameters, depth, zeta, u, v, zeta_tl, u_tl, v_tl, w, tl, report, status, forcing, step)
    if (status == sw_ok .and. present(coefficients_tl)) then
      if (.not. all(finite([coefficients_tl%cd, coefficients_tl%ah, coefficients_tl%wimp]))) status = sw_perturbation_not_finite
    end if
    if (status /= sw_ok) return

    associate (p => parameters)
      call face_depths_tl(p%nx, p%ny, p%linear, w%mu, w%mv, tl%zeta, tl%hu, tl%hv)
      call fill_halo(p%nx, p%ny, p%periodic_x, p%periodic_y, tl%hu)
      call fill_halo(p%nx, p%ny, p%periodic_x, p%periodic_y, tl%hv)
      ! slope, linear drag and lateral friction are linear: explicit_velocity without drag is their tangent-linear
      call explicit_velocity(p%nx, p%ny, 1, 0, p%dx, p%dx, p%dy, p%dt, p%gravity, 0.0_dp, p%linear_drag, p%ah, &
                             w%mu, w%hu, tl%zeta, tl%u, tl%un)
      call explicit_velocity(p%nx, p%ny, 0, 1, p%dy, p%dx, p%dy, p%dt, p%gravity, 0.0_dp, p%linear_drag, p%ah, &
                             w%mv, w%hv, tl%zeta, tl%v, tl%vn)
      call drag_tl(p%nx, p%ny, p%dt, p%cd, w%mu, w%hu, w%u, tl%hu, tl%u, tl%un)
      call drag_tl(p%nx, p%ny, p%dt, p%cd, w%mv, w%hv, w%v, tl%hv, tl%v, tl%vn)
      if (w%windy) then
        call wind_tl(p%nx, p%ny, p%dt, w%mu, w%hu, w%xu, tl%hu, tl%un)
        call wind_tl(p%nx, p%ny, p%dt, w%mv, w%hv, w%xv, tl%hv, tl%vn)
      end if
      if (w%rotating) call rotation_tl(p, w, tl)

      ! tl%b: what the velocities of the step carry through the changed depths, in the elevation system and after it
      call continuity(p%nx, p%ny, p%dx, p%dy, p%dt, 1 - p%wimp, p%wimp, tl%hu, tl%hv, w%u, w%v, w%un, w%vn, tl%b)
      if (present(coefficients_tl)) call add_coefficients(p, w, number_of(step), coefficients_tl, tl%un, tl%vn, tl%b, forcing)
      do k = 1, w%given
        w%gz(k) = -tl%zeta(w%gi(k),w%gj(k))
      end do
      call solve_implicit(p, w, 1.0_dp, tl%u, tl%v, tl%un, tl%vn, tl%dz, w%b, report, status, tl%b)
      if (status == sw_not_converged) return
      call continuity(p%nx, p%ny, p%dx, p%dy, p%dt, 1 - p%wimp, p%wimp, w%hu, w%hv, tl%u, tl%v, tl%un, tl%vn, tl%dz)
      call add_field(p%nx, p%ny, tl%b, tl%dz)
      do k = 1, w%given
        tl%dz(w%gi(k),w%gj(k)) = w%gz(k)
      end do
      call accept(tl%zeta, tl%dz, tl%u, tl%un, tl%v, tl%vn)
    end associate
    call finish(parameters, tl, zeta_tl, u_tl, v_tl, report, status)
  end subroutine sw_tangent

  ! Replaces the gradient of a number with respect to the state one step later by its gradient with respect to the
  ! state: M'^T applied to a cotangent, whose units are the number's per m and per m/s.
  ! On failure the cotangent is untouched. The report counts both solves, the step's own and the derivative's.
  subroutine sw_adjoint(parameters, depth, zeta, u, v, zeta_ad, u_ad, v_ad, report, status, forcing, step, coefficients_ad)
    type(sw_parameters), intent(in) :: parameters                              ! see module shallow_water
    real(dp), intent(in)    :: depth(:,:)                                      ! undisturbed depth, m, positive downwards
    real(dp), intent(in)    :: zeta(:,:)                                       ! state at the start of the step: elevation, m
    real(dp), intent(in)    :: u(:,:)                                          ! ... velocity along x on east faces, m/s
    real(dp), intent(in)    :: v(:,:)                                          ! ... velocity along y on north faces, m/s
    real(dp), intent(inout) :: zeta_ad(:,:)                                    ! gradient with respect to the elevation, 1/m
    real(dp), intent(inout) :: u_ad(:,:)                                       ! ... to u, s/m
    real(dp), intent(inout) :: v_ad(:,:)                                       ! ... to v, s/m
    type(sw_report), intent(out) :: report                                     ! completed_steps is 1 without failure
    integer, intent(out)    :: status                                          ! see module sw_status
    type(sw_forcing), intent(in), optional :: forcing                          ! wind and open boundary, if any
    integer, intent(in), optional :: step                                      ! number of the state, for the forcing's time
    type(sw_coefficients), intent(inout), optional :: coefficients_ad          ! out: gradient with respect to cd, ah and wimp,
                                                                               ! per unit of each; untouched on failure
    type(workspace), target :: w, ad
    type(sw_coefficients) :: gradient
    real(dp), allocatable, dimension(:,:) :: au, av
    integer :: k

    call linearise(parameters, depth, zeta, u, v, zeta_ad, u_ad, v_ad, w, ad, report, status, forcing, step)
    if (status /= sw_ok) return

    associate (p => parameters)
      ! (a, n): ad%un, ad%vn hold a, and ad%b the part zeta_ad/g of n. What was given belongs to the new velocities; the
      ! old ones have no share yet.
      ad%b = ad%zeta/p%gravity
      do k = 1, w%given
        w%gz(k) = 0
      end do
      call clear_given(p, w, ad%b)
      call divide_by_depth(p%nx, p%ny, w%mu, w%hu, ad%u, ad%un)
      call divide_by_depth(p%nx, p%ny, w%mv, w%hv, ad%v, ad%vn)
      call implicit_velocity(p%nx, p%ny, 1, 0, p%dx, p%dt, p%gravity, p%wimp, w%mu, ad%b, ad%un)
      call implicit_velocity(p%nx, p%ny, 0, 1, p%dy, p%dt, p%gravity, p%wimp, w%mv, ad%b, ad%vn)
      ad%u = 0
      ad%v = 0
      call solve_implicit(p, w, -1.0_dp, ad%u, ad%v, ad%un, ad%vn, ad%dz, w%b, report, status)
      if (status == sw_not_converged) return

      ! dz_ad = g*n, once more from the fluxes; where the elevation is given, dz = given - zeta
      call continuity(p%nx, p%ny, p%dx, p%dy, p%dt, 0.0_dp, p%wimp, w%hu, w%hv, ad%un, ad%vn, ad%un, ad%vn, ad%dz)
      ad%b = ad%zeta + p%gravity*ad%dz
      do k = 1, w%given
        ad%zeta(w%gi(k),w%gj(k)) = ad%zeta(w%gi(k),w%gj(k)) - ad%b(w%gi(k),w%gj(k))
      end do
      call clear_given(p, w, ad%b)
      call continuity_ad(p%nx, p%ny, 1, 0, p%dx, p%dt, p%wimp, w%hu, w%u, w%un, ad%b, ad%hu, ad%u)
      call continuity_ad(p%nx, p%ny, 0, 1, p%dy, p%dt, p%wimp, w%hv, w%v, w%vn, ad%b, ad%hv, ad%v)

      if (w%rotating) then
        au = ad%un
        av = ad%vn
        call rotation_ad(p, w, au, av, ad)
      end if
      ! uq_ad = -h*a
      ad%un = -w%hu*ad%un
      ad%vn = -w%hv*ad%vn
      if (present(coefficients_ad)) call coefficient_gradients(p, w, number_of(step), ad%un, ad%vn, ad%b, gradient, forcing)
      call explicit_velocity_ad(p%nx, p%ny, p%dx, p%dy, p%dt, p%cd, p%linear_drag, p%ah, w%mu, w%hu, w%u, ad%un, ad%hu, ad%u)
      call explicit_velocity_ad(p%nx, p%ny, p%dx, p%dy, p%dt, p%cd, p%linear_drag, p%ah, w%mv, w%hv, w%v, ad%vn, ad%hv, ad%v)
      if (w%windy) then
        call wind_ad(p%nx, p%ny, p%dt, w%mu, w%hu, w%xu, ad%un, ad%hu)
        call wind_ad(p%nx, p%ny, p%dt, w%mv, w%hv, w%xv, ad%vn, ad%hv)
      end if
      call slope_ad(p%nx, p%ny, p%dx, p%dy, p%dt, p%gravity, ad%un, ad%vn, ad%zeta)
      call fill_halo(p%nx, p%ny, p%periodic_x, p%periodic_y, ad%hu)
      call fill_halo(p%nx, p%ny, p%periodic_x, p%periodic_y, ad%hv)
      call face_depths_ad(p%nx, p%ny, p%linear, ad%hu, ad%hv, ad%zeta)
    end associate
    if (present(coefficients_ad)) then
      if (.not. all(finite([gradient%cd, gradient%ah, gradient%wimp]))) status = sw_not_finite
    end if
    call finish(parameters, ad, zeta_ad, u_ad, v_ad, report, status)
    if (present(coefficients_ad) .and. status == sw_ok) coefficients_ad = gradient
  end subroutine sw_adjoint

  ! Adds to the estimated velocities what rotation does: old velocities' perturbation, and the changed depths.
  subroutine rotation_tl(p, w, tl)
    type(sw_parameters), intent(in) :: p
    type(workspace), intent(inout), target :: w, tl
    real(dp), allocatable, dimension(:,:) :: ub, vb, qu, qv, cu, cv

    call coriolis(p%nx, p%ny, (1 - p%wimp)*p%dt, w%f, w%mu, w%mv, w%su, w%sv, tl%u, tl%v, w%cu, w%cv)
    call add_field(p%nx, p%ny, w%cu, tl%un)
    call add_field(p%nx, p%ny, w%cv, tl%vn)

    call mean_velocity(p, w, ub, vb)
    allocate (qu, qv, cu, cv, mold=w%su)
    cu = 0
    cv = 0
    call coriolis(p%nx, p%ny, 1.0_dp, w%f, w%mu, w%mv, w%su, w%sv, ub, vb, cu, cv)
    ! -h_tl/(2*h), by the loop that the adjoint needs
    call divide_by_depth(p%nx, p%ny, w%mu, 2*w%hu, tl%hu, qu)
    call divide_by_depth(p%nx, p%ny, w%mv, 2*w%hv, tl%hv, qv)
    call fill_halo(p%nx, p%ny, p%periodic_x, p%periodic_y, qu)
    call fill_halo(p%nx, p%ny, p%periodic_x, p%periodic_y, qv)
    call coriolis(p%nx, p%ny, 1.0_dp, w%f, w%mu, w%mv, w%su, w%sv, -qu*ub, -qv*vb, w%cu, w%cv)
    call coriolis_depth_tl(p%nx, p%ny, p%dt, -qu, w%cu, cu, tl%un)
    call coriolis_depth_tl(p%nx, p%ny, p%dt, -qv, w%cv, cv, tl%vn)
  end subroutine rotation_tl

  ! The share of rotation in the gradients with respect to old velocities and depths; a as above.
  subroutine rotation_ad(p, w, au, av, ad)
    type(sw_parameters), intent(in) :: p
    type(workspace), intent(inout), target :: w, ad
    real(dp), intent(in), dimension(0:p%nx+1,0:p%ny+1) :: au, av
    real(dp), allocatable, dimension(:,:) :: ub, vb, cu, cv

    call mean_velocity(p, w, ub, vb)
    allocate (cu, cv, mold=w%su)
    cu = 0
    cv = 0
    call coriolis(p%nx, p%ny, 1.0_dp, w%f, w%mu, w%mv, w%su, w%sv, au, av, cu, cv)
    call coriolis(p%nx, p%ny, 1.0_dp, w%f, w%mu, w%mv, w%su, w%sv, ub, vb, w%cu, w%cv)
    ad%u = ad%u + (1 - p%wimp)*p%dt*w%hu*cu
    ad%v = ad%v + (1 - p%wimp)*p%dt*w%hv*cv
    call coriolis_depth_ad(p%nx, p%ny, p%dt, ub, au, w%cu, cu, ad%hu)
    call coriolis_depth_ad(p%nx, p%ny, p%dt, vb, av, w%cv, cv, ad%hv)
  end subroutine rotation_ad

  ! The velocities that the step's fluxes have, (1-wimp)*u + wimp*u'.
  subroutine mean_velocity(p, w, ub, vb)
    type(sw_parameters), intent(in) :: p
    type(workspace), intent(in) :: w
    real(dp), allocatable, intent(out), dimension(:,:) :: ub, vb

    allocate (ub, vb, mold=w%su)
    ub = (1 - p%wimp)*w%u + p%wimp*w%un
    vb = (1 - p%wimp)*w%v + p%wimp*w%vn
  end subroutine mean_velocity

  ! Minus a field on faces over the depth, 0 on closed faces.
  subroutine divide_by_depth(nx, ny, m, h, field, quotient)
    integer, intent(in)     :: nx, ny
    real(dp), intent(in), dimension(0:nx+1,0:ny+1) :: m, h, field
    real(dp), intent(inout) :: quotient(0:nx+1,0:ny+1)
    integer :: i, j

    quotient = 0
    do j = 1, ny
      do i = 1, nx
        quotient(i,j) = -m(i,j)*field(i,j)/(h(i,j) + (1 - m(i,j)))
      end do
    end do
  end subroutine divide_by_depth

  ! Zero where the elevation is given.
  subroutine clear_given(p, w, field)
    type(sw_parameters), intent(in) :: p
    type(workspace), intent(in) :: w
    real(dp), intent(inout) :: field(0:p%nx+1,0:p%ny+1)
    integer :: k

    do k = 1, w%given
      field(w%gi(k),w%gj(k)) = 0
    end do
    call fill_halo(p%nx, p%ny, p%periodic_x, p%periodic_y, field)
  end subroutine clear_given

  ! Takes the step that is differentiated, which leaves h, u, u' and the matrix in w, and loads the perturbation or
  ! cotangent into a workspace of its own.
  subroutine linearise(p, depth, zeta, u, v, zeta_d, u_d, v_d, w, d, report, status, forcing, step)
    type(sw_parameters), intent(in) :: p
    real(dp), intent(in), dimension(:,:) :: depth, zeta, u, v, zeta_d, u_d, v_d
    type(workspace), intent(inout), target :: w, d              ! neither is allocated yet
    type(sw_report), intent(inout) :: report
    integer, intent(out) :: status
    type(sw_forcing), intent(in), optional :: forcing
    integer, intent(in), optional :: step
    integer :: number

    number = number_of(step)
    status = shape_status(p, reshape([shape(depth), shape(zeta), shape(u), shape(v), shape(zeta_d), shape(u_d), shape(v_d)], &
                                     [2, 7]))
    if (number < 0) status = sw_bad_size
    if (status /= sw_ok) return
    call prepare(p, depth, w, report%i, report%j, status)
    if (status /= sw_ok) return
    call prepare_forcing(p, w, report, status, forcing)
    if (status /= sw_ok) return
    call load_state(p, zeta, u, v, w, report%i, report%j, status)
    if (status /= sw_ok) return
    call prepare_like(p, w, d, status)
    if (status /= sw_ok) return
    call load_state(p, zeta_d, u_d, v_d, d, report%i, report%j, status)
    if (status /= sw_ok) then
      status = sw_perturbation_not_finite
      return
    end if
    call one_step(p, w, number, report, status, forcing)
  end subroutine linearise

  ! 0 where no number is given.
  pure integer function number_of(step)
    integer, intent(in), optional :: step

    number_of = 0
    if (present(step)) number_of = step
  end function number_of

  ! Stores the result, unless something overflowed, in it or in the solve: then finds the place.
  subroutine finish(p, d, zeta_d, u_d, v_d, report, status)
    type(sw_parameters), intent(in) :: p
    type(workspace), intent(inout), target :: d
    real(dp), intent(inout), dimension(p%nx,p%ny) :: zeta_d, u_d, v_d
    type(sw_report), intent(inout) :: report
    integer, intent(inout) :: status  ! of the solve

    call find_not_finite(p%nx, p%ny, d%zeta, report%i, report%j)
    if (report%i == 0) call find_not_finite(p%nx, p%ny, d%u, report%i, report%j)
    if (report%i == 0) call find_not_finite(p%nx, p%ny, d%v, report%i, report%j)
    if (report%i > 0) status = sw_not_finite
    if (status /= sw_ok) return
    call store_state(p%nx, p%ny, d, zeta_d, u_d, v_d)
    report%completed_steps = 1
  end subroutine finish

end module shallow_water_derivatives
