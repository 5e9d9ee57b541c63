! Semi-implicit shallow-water model on an Arakawa C grid.
!
! The scheme of Backhaus (1983, Continental Shelf Research 2) in the form coded by K. Logemann: surface
! gravity waves are stepped with implicitness wimp, bottom drag and lateral friction explicitly; Coriolis, wind, linear
! drag, periodic edges and given elevations are options, all off unless asked for. No advection of momentum, no wetting
! and drying.
!
! Where things are. Arrays are (nx, ny). zeta and depth sit at cell centres, u(i,j) on the face between (i,j) and
! (i+1,j), v(i,j) on the face between (i,j) and (i,j+1). A cell is wet when its depth exceeds 0.1 m, a face is open
! when both its cells are wet; the outer edge of the grid is closed where it is not periodic. Velocities on closed faces
! are set to zero, the elevation of dry cells is neither read nor changed.
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
! The options, each in one place of the step:
!   linear drag      us has - dt*linear_drag*u more.
!   wind             us has + dt*tau/(density*h) more, tau the mean of old and new time weighted by wimp.
!   rotation         us has (1-wimp)*dt*C(u) more and u' wimp*dt*C(u'), C skew in the energy norm (see coriolis): with
!                    wimp = 0.5 it keeps energy over any bed. Solved by iteration around step 2 (semi_implicit_system).
!   periodic edges   the halo holds the opposite side.
!   open boundary    zeta' is given in some wet cells. Their row of the system is the identity, their neighbours' couplings
!                    go to the right-hand side. Volume enters and leaves through the faces of these cells.
!
! All procedures are re-entrant. They return a status of the module sw_status, never stop and never print.
! FIELD is real or complex, see scalar.h.
#include "scalar.h"
module shallow_water
  use, intrinsic :: iso_fortran_env, only: dp => real64, int64
  use sw_status
  use shallow_water_types
  use shallow_water_forcing
  use semi_implicit_loops
  use semi_implicit_system
  use shallow_water_workspace
  implicit none
  private
  public :: sw_parameters, sw_forcing, sw_report, sw_wet_threshold, sw_run, sw_stencil
  public :: one_step, prepare_forcing  ! for the module shallow_water_derivatives

contains

  ! Advances a state in place by a number of steps.
  ! On failure the state is the last completed one, report%completed_steps after the given one.
  subroutine sw_run(parameters, depth, zeta, u, v, steps, report, status, forcing, first_step)
    type(sw_parameters), intent(in) :: parameters                              ! see module shallow_water_types
    FIELD, intent(in)       :: depth(:,:)                                      ! undisturbed depth, m, positive downwards
    FIELD, intent(inout)    :: zeta(:,:)                                       ! surface elevation, m
    FIELD, intent(inout)    :: u(:,:)                                          ! velocity along x on east faces, m/s
    FIELD, intent(inout)    :: v(:,:)                                          ! velocity along y on north faces, m/s
    integer, intent(in)     :: steps                                           ! time steps to take, >= 0
    type(sw_report), intent(out) :: report                                     ! what the run did and where it failed
    integer, intent(out)    :: status                                          ! see module sw_status
    type(sw_forcing), intent(in), optional :: forcing                          ! wind and open boundary, if any
    integer, intent(in), optional :: first_step                                ! steps that the given state is after state 0, >= 0:
                                                                               ! its time is start_time + first_step*dt
    type(workspace), target :: w
    integer :: step, first

    first = 0
    if (present(first_step)) first = first_step
    status = shape_status(parameters, reshape([shape(depth), shape(zeta), shape(u), shape(v)], [2, 4]))
    if (steps < 0 .or. first < 0 .or. first > huge(first) - max(steps, 0)) status = sw_bad_size
    if (status /= sw_ok) return
    call prepare(parameters, depth, w, report%i, report%j, status)
    if (status /= sw_ok) return
    call prepare_forcing(parameters, w, report, status, forcing)
    if (status /= sw_ok) return
    call load_state(parameters, zeta, u, v, w, report%i, report%j, status)
    if (status /= sw_ok) return

    do step = 1, steps
      call one_step(parameters, w, first + step - 1, report, status, forcing)
      if (status /= sw_ok) exit
      call accept(w%zeta, w%dz, w%u, w%un, w%v, w%vn)
      report%completed_steps = step
    end do
    call store_state(parameters%nx, parameters%ny, w, zeta, u, v)
  end subroutine sw_run

  ! The five-point stencil of the elevation system for a given elevation: couplings, each 0 on closed faces.
  ! The diagonal is 1 + ce + cw + cn + cs.
  subroutine sw_stencil(parameters, depth, zeta, ce, cw, cn, cs, report, status)
    type(sw_parameters), intent(in) :: parameters                              ! friction, rotation and the solver's are not used
    FIELD, intent(in)  :: depth(:,:)                                           ! undisturbed depth, m, positive downwards
    FIELD, intent(in)  :: zeta(:,:)                                            ! surface elevation, m
    FIELD, intent(out) :: ce(:,:)                                              ! coupling to the cell in the east
    FIELD, intent(out) :: cw(:,:)                                              ! ... in the west
    FIELD, intent(out) :: cn(:,:)                                              ! ... in the north
    FIELD, intent(out) :: cs(:,:)                                              ! ... in the south, all dimensionless
    type(sw_report), intent(out) :: report                                     ! i, j: place of a failure
    integer, intent(out)  :: status                                            ! see module sw_status
    type(workspace), target :: w
    integer :: i, j

    status = shape_status(parameters, &
                          reshape([shape(depth), shape(zeta), shape(ce), shape(cw), shape(cn), shape(cs)], [2, 6]))
    if (status /= sw_ok) return
    call prepare(parameters, depth, w, report%i, report%j, status)
    if (status /= sw_ok) return
    call load_elevation(parameters, zeta, w, report%i, report%j, status)
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

  ! One step from w%zeta, w%u, w%v, state number `step`, to w%zeta + w%dz, w%un, w%vn.
  subroutine one_step(p, w, step, report, status, forcing)
    type(sw_parameters), intent(in) :: p
    type(workspace), intent(inout), target :: w
    integer, intent(in)             :: step
    type(sw_report), intent(inout)  :: report
    integer, intent(out)            :: status
    type(sw_forcing), intent(in), optional :: forcing  ! as given to prepare_forcing

    call assemble(p, w, report, status)
    if (status /= sw_ok) return
    call factor(p, w)
    if (present(forcing)) call set_forcing(p, forcing, w, step)

    call explicit_velocity(p%nx, p%ny, 1, 0, p%dx, p%dx, p%dy, p%dt, p%gravity, p%cd, p%linear_drag, p%ah, &
                           w%mu, w%hu, w%zeta, w%u, w%un)
    call explicit_velocity(p%nx, p%ny, 0, 1, p%dy, p%dx, p%dy, p%dt, p%gravity, p%cd, p%linear_drag, p%ah, &
                           w%mv, w%hv, w%zeta, w%v, w%vn)
    if (w%windy) then
      call add_wind(p%nx, p%ny, p%dt, w%mu, w%hu, w%xu, w%un)
      call add_wind(p%nx, p%ny, p%dt, w%mv, w%hv, w%xv, w%vn)
    end if
    if (w%rotating) then
      call coriolis(p%nx, p%ny, (1 - p%wimp)*p%dt, w%f, w%mu, w%mv, w%su, w%sv, w%u, w%v, w%cu, w%cv)
      call add_field(p%nx, p%ny, w%cu, w%un)
      call add_field(p%nx, p%ny, w%cv, w%vn)
    end if

    call solve_implicit(p, w, 1.0_dp, w%u, w%v, w%un, w%vn, w%dz, w%b, report, status)
    if (status == sw_not_converged) return
    call elevation_once_more(p, w)

    ! Every open face borders a wet cell, so that an overflow anywhere shows in the elevation, or in the velocity between
    ! two cells whose elevation is given.
    call find_not_finite(p%nx, p%ny, w%dz, report%i, report%j)
    if (report%i == 0 .and. w%given > 0) call find_not_finite(p%nx, p%ny, w%un, report%i, report%j)
    if (report%i == 0 .and. w%given > 0) call find_not_finite(p%nx, p%ny, w%vn, report%i, report%j)
    if (report%i > 0) status = sw_not_finite
  end subroutine one_step

  ! The change of elevation from the fluxes, but where it is given.
  subroutine elevation_once_more(p, w)
    type(sw_parameters), intent(in) :: p
    type(workspace), intent(inout), target :: w
    integer :: k

    call continuity(p%nx, p%ny, p%dx, p%dy, p%dt, 1 - p%wimp, p%wimp, w%hu, w%hv, w%u, w%v, w%un, w%vn, w%dz)
    do k = 1, w%given
      w%dz(w%gi(k),w%gj(k)) = w%gz(k)
    end do
    call fill_halo(p%nx, p%ny, p%periodic_x, p%periodic_y, w%dz)
  end subroutine elevation_once_more

  ! Checks the forcing and makes room for it.
  subroutine prepare_forcing(p, w, report, status, forcing)
    type(sw_parameters), intent(in) :: p
    type(workspace), intent(inout), target :: w        ! prepared
    type(sw_report), intent(inout)  :: report
    integer, intent(out)            :: status
    type(sw_forcing), intent(in), optional :: forcing
    integer :: code, k

    status = sw_ok
    if (.not. present(forcing)) return
    call forcing_status(p, w%wet, forcing, report%i, report%j, status)
    if (status /= sw_ok) return
    code = 0
    w%windy = associated(forcing%wind_time)
    if (w%windy) allocate (w%xu(0:p%nx+1,0:p%ny+1), w%xv(0:p%nx+1,0:p%ny+1), source=0.0_dp, stat=code)
    if (associated(forcing%boundary_i)) w%given = size(forcing%boundary_i)
    if (w%given > 0 .and. code == 0) then
      allocate (w%gi(w%given), w%gj(w%given), w%gz(w%given), w%free(0:p%nx+1,0:p%ny+1), stat=code)
    end if
    if (code /= 0) then
      status = sw_out_of_memory
      return
    end if
    if (w%given == 0) return
    w%free = 1
    do k = 1, w%given
      w%gi(k) = forcing%boundary_i(k)
      w%gj(k) = forcing%boundary_j(k)
      w%free(w%gi(k),w%gj(k)) = 0
    end do
    if (p%periodic_x) w%free([0, p%nx + 1],:) = w%free([p%nx, 1],:)
    if (p%periodic_y) w%free(:,[0, p%ny + 1]) = w%free(:,[p%ny, 1])
  end subroutine prepare_forcing

  ! Wind and given changes of elevation for the step from state number `step`.
  subroutine set_forcing(p, forcing, w, step)
    type(sw_parameters), intent(in) :: p
    type(sw_forcing), intent(in)    :: forcing
    type(workspace), intent(inout), target :: w
    integer, intent(in)             :: step
    real(dp), allocatable :: given(:)
    real(dp) :: old_time, new_time
    integer  :: k

    old_time = forcing%start_time + step*p%dt
    new_time = forcing%start_time + (step + 1.0_dp)*p%dt
    if (w%windy) call wind_stress(p, forcing, old_time, new_time, w%xu, w%xv)
    if (w%given > 0) then
      allocate (given(w%given))
      call given_elevation(forcing, new_time, given)
      do k = 1, w%given
        w%gz(k) = given(k) - w%zeta(w%gi(k),w%gj(k))
      end do
    end if
  end subroutine set_forcing

end module shallow_water
