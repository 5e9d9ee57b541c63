! Semi-implicit shallow-water model on an Arakawa C grid.
!
! The scheme of Backhaus (1983, Continental Shelf Research 2) in the form coded by K. Logemann: surface
! gravity waves are stepped with implicitness wimp, bottom drag and lateral friction explicitly. No advection of
! momentum, no wetting and drying, no rotation, no forcing.
!
! Where things are. Arrays are (nx, ny). zeta and depth sit at cell centres, u(i,j) on the face between (i,j) and
! (i+1,j), v(i,j) on the face between (i,j) and (i,j+1). A cell is wet when its depth exceeds 0.1 m, a face is open
! when both its cells are wet; the outer edge of the grid is closed. Velocities on closed faces are set to zero, the
! elevation of dry cells is neither read nor changed.
!
! The step, h the total depth zeta + depth on faces at the old time, g gravity:
!   u'    = us - wimp*dt*g*dzeta'/dx,  us = u - dt*cd/h*u*abs(u) - (1-wimp)*dt*g*dzeta/dx + dt*ah*(d2u/dx2 + d2u/dy2)
!   v'    alike
!   zeta' = zeta - dt*div(h*((1-wimp)*u + wimp*u'))
! Inserting u' and v' leaves a five-point system for zeta', with ce = dt*dt*wimp*wimp*g*h/(dx*dx) on the east face,
! cw, cn, cs alike:
!   (1+ce+cw+cn+cs)*zeta' - ce*zeta'(i+1) - cw*zeta'(i-1) - cn*zeta'(j+1) - cs*zeta'(j-1)
!     = zeta - dt*div(h*((1-wimp)*u + wimp*us))
! It is solved for the change dz = zeta' - zeta, which has the same matrix:
!   1. uq = us - wimp*dt*g*dzeta/dx, vq alike
!   2. b = -dt*div(h*((1-wimp)*u + wimp*uq)); solve for dz, by conjugate gradients to ||r|| <= tolerance*||b||
!   3. u' = uq - wimp*dt*g*d(dz)/dx, v' alike
!   4. zeta' = zeta - dt*div(h*((1-wimp)*u + wimp*u')): zeta + dz again, but conserving volume to rounding
! In this form water at rest stays at rest exactly, and the accuracy does not depend on the level zeta is measured from.
!
! All procedures are re-entrant. They return a status of the module sw_status, never stop and never print.
module shallow_water
  use, intrinsic :: iso_fortran_env, only: dp => real64, int64
  use sw_status
  use conjugate_gradients
  use semi_implicit_step
  use shallow_water_workspace
  implicit none
  private
  public :: sw_parameters, sw_report, sw_run, sw_stencil, sw_wet_threshold
  public :: one_step, solve_elevation, parameter_status  ! for the module shallow_water_derivatives

  type :: sw_parameters
    integer  :: nx = 0, ny = 0              ! number of cells in x and y
    real(dp) :: dx = 0, dy = 0              ! grid spacing, m
    real(dp) :: dt = 0                      ! time step, s
    real(dp) :: gravity = 9.81_dp           ! acceleration of gravity, m/s2
    real(dp) :: wimp = 0.5_dp               ! implicitness of the gravity waves, 0.5 (energy conserving) .. 1 (damping)
    real(dp) :: cd = 1.0e-3_dp              ! coefficient of quadratic bottom drag, per component, dimensionless
    real(dp) :: ah = 1000                   ! lateral friction, m2/s; no slip at closed faces
    real(dp) :: tolerance = 1.0e-12_dp      ! elevation solve: accepted ||r|| / ||b||
    integer  :: max_iterations = 10000      ! elevation solve: allowed iterations
    logical  :: linear = .false.            ! take h = depth instead of zeta + depth
  end type sw_parameters

  type :: sw_report
    integer        :: completed_steps = 0   ! steps that the returned state is after the given one
    integer(int64) :: total_iterations = 0  ! iterations of all elevation solves, the failed one included
    integer        :: most_iterations = 0   ! iterations of the longest elevation solve
    real(dp)       :: largest_residual = 0  ! largest ||r|| / ||b|| of all solves
    integer        :: i = 0, j = 0          ! place of a failure, 1-based; 0 without one
  end type sw_report

contains

  ! Advances a state in place by a number of steps.
  ! On failure the state is the last completed one, report%completed_steps after the given one.
  subroutine sw_run(parameters, depth, zeta, u, v, steps, report, status)
    type(sw_parameters), intent(in) :: parameters                              ! see above
    real(dp), intent(in)    :: depth(parameters%nx, parameters%ny)             ! undisturbed depth, m, positive downwards
    real(dp), intent(inout) :: zeta(parameters%nx, parameters%ny)              ! surface elevation, m
    real(dp), intent(inout) :: u(parameters%nx, parameters%ny)                 ! velocity along x on east faces, m/s
    real(dp), intent(inout) :: v(parameters%nx, parameters%ny)                 ! velocity along y on north faces, m/s
    integer, intent(in)     :: steps                                           ! time steps to take, >= 0
    type(sw_report), intent(out) :: report                                     ! what the run did and where it failed
    integer, intent(out)    :: status                                          ! see module sw_status
    type(workspace), target :: w
    integer :: step

    status = parameter_status(parameters)
    if (steps < 0) status = sw_bad_size
    if (status /= sw_ok) return
    call prepare(parameters%nx, parameters%ny, depth, w, report%i, report%j, status)
    if (status /= sw_ok) return
    call load_state(parameters%nx, parameters%ny, zeta, u, v, w, report%i, report%j, status)
    if (status /= sw_ok) return

    do step = 1, steps
      call one_step(parameters, w, report, status)
      if (status /= sw_ok) exit
      call accept(w%zeta, w%dz, w%u, w%un, w%v, w%vn)
      report%completed_steps = step
    end do
    call store_state(parameters%nx, parameters%ny, w, zeta, u, v)
  end subroutine sw_run

  ! The five-point stencil of the elevation system for a given elevation: couplings, each 0 on closed faces.
  ! The diagonal is 1 + ce + cw + cn + cs.
  subroutine sw_stencil(parameters, depth, zeta, ce, cw, cn, cs, report, status)
    type(sw_parameters), intent(in) :: parameters                              ! cd, ah and the solver's are not used
    real(dp), intent(in)  :: depth(parameters%nx, parameters%ny)               ! undisturbed depth, m, positive downwards
    real(dp), intent(in)  :: zeta(parameters%nx, parameters%ny)                ! surface elevation, m
    real(dp), intent(out) :: ce(parameters%nx, parameters%ny)                  ! coupling to the cell in the east
    real(dp), intent(out) :: cw(parameters%nx, parameters%ny)                  ! ... in the west
    real(dp), intent(out) :: cn(parameters%nx, parameters%ny)                  ! ... in the north
    real(dp), intent(out) :: cs(parameters%nx, parameters%ny)                  ! ... in the south, all dimensionless
    type(sw_report), intent(out) :: report                                     ! i, j: place of a failure
    integer, intent(out)  :: status                                            ! see module sw_status
    type(workspace), target :: w
    integer :: i, j

    status = parameter_status(parameters)
    if (status /= sw_ok) return
    call prepare(parameters%nx, parameters%ny, depth, w, report%i, report%j, status)
    if (status /= sw_ok) return
    call load_elevation(parameters%nx, parameters%ny, zeta, w, report%i, report%j, status)
    if (status /= sw_ok) return
    call assemble(parameters, w, report, status)
    if (status /= sw_ok) return
    do j = 1, parameters%ny
      do i = 1, parameters%nx
        ce(i,j) = w%ce(i,j)
        cw(i,j) = w%ce(i-1,j)
        cn(i,j) = w%cn(i,j)
        cs(i,j) = w%cn(i,j-1)
      end do
    end do
  end subroutine sw_stencil

  ! One step from w%zeta, w%u, w%v to w%zeta + w%dz, w%un, w%vn.
  subroutine one_step(p, w, report, status)
    type(sw_parameters), intent(in) :: p
    type(workspace), intent(inout), target :: w
    type(sw_report), intent(inout)  :: report
    integer, intent(out)            :: status

    call assemble(p, w, report, status)
    if (status /= sw_ok) return

    call explicit_velocity(p%nx, p%ny, 1, 0, p%dx, p%dx, p%dy, p%dt, p%gravity, p%cd, p%ah, w%mu, w%hu, w%zeta, w%u, w%un)
    call explicit_velocity(p%nx, p%ny, 0, 1, p%dy, p%dx, p%dy, p%dt, p%gravity, p%cd, p%ah, w%mv, w%hv, w%zeta, w%v, w%vn)
    call continuity(p%nx, p%ny, p%dx, p%dy, p%dt, p%wimp, w%hu, w%hv, w%u, w%v, w%un, w%vn, w%b)
    call solve_elevation(p, w, w%b, w%dz, report, status)
    if (status == sw_not_converged) return
    call implicit_velocity(p%nx, p%ny, 1, 0, p%dx, p%dt, p%gravity, p%wimp, w%mu, w%dz, w%un)
    call implicit_velocity(p%nx, p%ny, 0, 1, p%dy, p%dt, p%gravity, p%wimp, w%mv, w%dz, w%vn)
    call continuity(p%nx, p%ny, p%dx, p%dy, p%dt, p%wimp, w%hu, w%hv, w%u, w%v, w%un, w%vn, w%dz)

    ! Every open face borders a wet cell, so that an overflow anywhere shows in the elevation.
    call find_not_finite(p%nx, p%ny, w%dz, report%i, report%j)
    if (report%i > 0) status = sw_not_finite
  end subroutine one_step

  ! Solves the elevation system of w%ce, w%cn for any right-hand side; what it took goes to the report.
  subroutine solve_elevation(p, w, b, x, report, status)
    type(sw_parameters), intent(in) :: p
    type(workspace), intent(inout), target :: w
    real(dp), intent(in)    :: b(0:p%nx+1,0:p%ny+1)  ! right-hand side, m, 0 in the halo
    real(dp), intent(inout) :: x(0:p%nx+1,0:p%ny+1)  ! out: solution, m; 0 in the halo on entry
    type(sw_report), intent(inout) :: report
    integer, intent(out)    :: status                ! sw_ok, sw_not_converged (place in report) or sw_not_finite
    integer :: iterations, outcome, i, j
    real(dp) :: residual

    call cg_solve(p%nx, p%ny, w%ce, w%cn, b, p%tolerance, p%max_iterations, w%cg, x, iterations, residual, i, j, outcome)
    report%total_iterations = report%total_iterations + iterations
    report%most_iterations = max(report%most_iterations, iterations)
    report%largest_residual = max(report%largest_residual, residual)
    status = sw_ok
    if (outcome == cg_not_finite) status = sw_not_finite
    if (outcome == cg_exhausted) then
      status = sw_not_converged
      report%i = i
      report%j = j
    end if
  end subroutine solve_elevation

  ! Face depths and the coefficients of the elevation system for the elevation w%zeta.
  subroutine assemble(p, w, report, status)
    type(sw_parameters), intent(in) :: p
    type(workspace), intent(inout), target :: w
    type(sw_report), intent(inout)  :: report
    integer, intent(out)            :: status
    integer(int64) :: broken
    integer :: i, j

    status = sw_ok
    call face_depths(p%nx, p%ny, p%linear, w%d, w%zeta, w%mu, w%mv, w%hu, w%hv, broken)
    if (broken > 0) then
      status = sw_face_fell_dry
      do j = 1, p%ny
        do i = 1, p%nx
          if (report%i == 0 .and. .not. (w%hu(i,j) > w%mu(i,j) - 1 .and. w%hv(i,j) > w%mv(i,j) - 1)) then
            report%i = i
            report%j = j
          end if
        end do
      end do
      return
    end if
    call stencil_coefficients(p%nx, p%ny, p%dx, p%dy, p%dt, p%gravity, p%wimp, w%hu, w%hv, w%ce, w%cn)
  end subroutine assemble

  ! What is wrong with the parameters, sw_ok if nothing. Comparisons are written so that NaN fails them.
  pure function parameter_status(p) result(status)
    type(sw_parameters), intent(in) :: p
    integer :: status

    status = sw_ok
    if (p%nx < 1 .or. p%ny < 1) then
      status = sw_bad_size
    else if (.not. (positive(p%dx) .and. positive(p%dy) .and. positive(p%dt))) then
      status = sw_bad_spacing
    else if (.not. (p%wimp >= 0.5_dp .and. p%wimp <= 1)) then
      status = sw_bad_implicitness
    else if (.not. positive(p%gravity)) then
      status = sw_bad_gravity
    else if (.not. (p%cd >= 0 .and. finite(p%cd) .and. p%ah >= 0 .and. finite(p%ah))) then
      status = sw_bad_friction
    else if (.not. (p%tolerance > 0 .and. p%tolerance < 1 .and. p%max_iterations >= 1)) then
      status = sw_bad_solver_settings
    end if
  end function parameter_status

  elemental logical function positive(x)
    real(dp), intent(in) :: x
    positive = x > 0 .and. finite(x)
  end function positive

end module shallow_water
