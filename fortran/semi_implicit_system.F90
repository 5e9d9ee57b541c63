! The implicit part of a shallow-water step: from explicit estimates to new velocities and elevation.
!
! With C the Coriolis operator and G the gradient, the step leaves
!   un = uq + wimp*dt*C(un) - wimp*dt*g*G(dz),   dz = -dt*div(h*((1-wimp)*u + wimp*un)) + source
! uq the estimate with everything else. Without rotation un is eliminated and one five-point system for dz remains.
! Coriolis does not fit that system; it is iterated around it (as a Neumann series): each term is the solution for the
! estimate wimp*dt*C(previous term), shrinks by wimp*dt*f at least, and its system is solved to the same absolute
! accuracy, so that later terms cost fewer iterations. In cells of an open boundary dz is given, and what it does to the
! velocities goes into the estimates; the matrix stays symmetric.
! The tangent-linear step solves the same equations, the adjoint step too, with -f for f (see shallow_water_derivatives).
! FIELD is real or complex, see scalar.h.
#include "scalar.h"
module semi_implicit_system
  use, intrinsic :: iso_fortran_env, only: dp => real64, int64
  use sw_status
  use shallow_water_types
  use conjugate_gradients
  use semi_implicit_loops
  use shallow_water_workspace
  implicit none
  private
  public :: assemble, solve_implicit

contains

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
          if (report%i == 0 .and. .not. (real(w%hu(i,j), dp) > w%mu(i,j) - 1 .and. real(w%hv(i,j), dp) > w%mv(i,j) - 1)) then
            report%i = i
            report%j = j
          end if
        end do
      end do
      return
    end if
    call close_halo(p, w%hu, w%hv)
    call stencil_coefficients(p%nx, p%ny, p%dx, p%dy, p%dt, p%gravity, p%wimp, w%hu, w%hv, w%ce, w%cn)
    call close_halo(p, w%ce, w%cn)
    if (w%rotating) then
      w%su = sqrt(w%hu)
      w%sv = sqrt(w%hv)
    end if
  end subroutine assemble

  ! Solves the equations above. w has what assemble made, and rotation and open boundary if there are any.
  subroutine solve_implicit(p, w, turn, u, v, un, vn, dz, b, report, status, source)
    type(sw_parameters), intent(in) :: p
    type(workspace), intent(inout), target :: w
    real(dp), intent(in) :: turn                                      ! 1: the step's rotation, -1: the opposite
    FIELD, intent(in), dimension(0:p%nx+1,0:p%ny+1) :: u, v           ! old velocities, m/s
    FIELD, intent(inout), dimension(0:p%nx+1,0:p%ny+1) :: un, vn      ! in: estimates; out: new velocities, m/s
    FIELD, intent(inout), dimension(0:p%nx+1,0:p%ny+1) :: dz          ! out: change of elevation, m
    FIELD, intent(inout), dimension(0:p%nx+1,0:p%ny+1) :: b           ! work, the halo 0
    type(sw_report), intent(inout)  :: report
    integer, intent(out)            :: status  ! sw_ok, sw_not_converged (place in report) or sw_not_finite
    FIELD, intent(in), optional     :: source(0:p%nx+1,0:p%ny+1)      ! of elevation, m
    real(dp) :: reference(2), size_of_term(2), size_of_all(2)
    integer  :: iterations, k, term

    iterations = 0
    reference = 0
    if (w%given > 0) then
      dz = 0
      call set_given(w, dz)
      call close_halo(p, dz)
      call correct_velocities(p, w, dz, un, vn)
    end if
    call close_halo(p, un, vn)
    call continuity(p%nx, p%ny, p%dx, p%dy, p%dt, 1 - p%wimp, p%wimp, w%hu, w%hv, u, v, un, vn, b)
    if (present(source)) call add_field(p%nx, p%ny, source, b)
    call correct(un, vn, dz)
    if (w%rotating .and. status == sw_ok) then
      w%iu = un
      w%iv = vn
      size_of_all = squares(p%nx, p%ny, un) + squares(p%nx, p%ny, vn)
      term = 0
      do
        call coriolis(p%nx, p%ny, w%f, w%mu, w%mv, w%su, w%sv, w%iu, w%iv, w%cu, w%cv)
        w%iu = turn*p%wimp*p%dt*w%cu
        w%iv = turn*p%wimp*p%dt*w%cv
        size_of_term = squares(p%nx, p%ny, w%iu) + squares(p%nx, p%ny, w%iv)
        if (.not. all(size_of_term <= huge(1.0_dp))) status = sw_not_finite
        if (all(size_of_term <= max(p%tolerance, epsilon(1.0_dp))**2*size_of_all)) exit
        if (term == p%max_iterations) status = sw_not_converged
        if (status /= sw_ok) exit
        term = term + 1
        call close_halo(p, w%iu, w%iv)
        call continuity(p%nx, p%ny, p%dx, p%dy, p%dt, 0.0_dp, p%wimp, w%hu, w%hv, w%iu, w%iv, w%iu, w%iv, b)
        call correct(w%iu, w%iv, w%iz)
        if (status /= sw_ok) exit
        un = un + w%iu
        vn = vn + w%iv
        dz = dz + w%iz
      end do
    end if
    report%total_iterations = report%total_iterations + iterations
    report%most_iterations = max(report%most_iterations, iterations)
    if (w%given > 0) call set_given(w, dz)

  contains

    ! The change of elevation that the right-hand side b makes, and the velocities that go with it.
    subroutine correct(u_term, v_term, z_term)
      FIELD, intent(inout), dimension(0:p%nx+1,0:p%ny+1) :: u_term, v_term, z_term

      do k = 1, w%given
        b(w%gi(k),w%gj(k)) = 0
      end do
      call solve_elevation(p, w, b, z_term, reference, iterations, report, status)
      if (status == sw_not_converged) return
      call close_halo(p, z_term)
      call correct_velocities(p, w, z_term, u_term, v_term)
      call close_halo(p, u_term, v_term)
    end subroutine correct

  end subroutine solve_implicit

  ! The velocities' part of a change of elevation.
  subroutine correct_velocities(p, w, dz, un, vn)
    type(sw_parameters), intent(in) :: p
    type(workspace), intent(in), target :: w
    FIELD, intent(in), dimension(0:p%nx+1,0:p%ny+1) :: dz
    FIELD, intent(inout), dimension(0:p%nx+1,0:p%ny+1) :: un, vn

    call implicit_velocity(p%nx, p%ny, 1, 0, p%dx, p%dt, p%gravity, p%wimp, w%mu, dz, un)
    call implicit_velocity(p%nx, p%ny, 0, 1, p%dy, p%dt, p%gravity, p%wimp, w%mv, dz, vn)
  end subroutine correct_velocities

  ! Solves the elevation system of w%ce, w%cn.
  subroutine solve_elevation(p, w, b, x, reference, iterations, report, status)
    type(sw_parameters), intent(in) :: p
    type(workspace), intent(inout), target :: w
    FIELD, intent(in)       :: b(0:p%nx+1,0:p%ny+1)  ! right-hand side, m
    FIELD, intent(inout)    :: x(0:p%nx+1,0:p%ny+1)  ! out: solution, m
    real(dp), intent(inout) :: reference(2)          ! largest norm of a right-hand side in this step, of each part
    integer, intent(inout)  :: iterations            ! of this step
    type(sw_report), intent(inout) :: report
    integer, intent(out)    :: status                ! sw_ok, sw_not_converged (place in report) or sw_not_finite

    status = sw_ok
#ifdef COMPLEX_STEP
    ! A = A_r + i*A_i: A_r*x_r = b_r and, as A_i*x_i is of second order, A_r*x_i = b_i - A_i*x_r, each to its own tolerance.
    block
      real(dp), allocatable :: couplings(:,:,:), part(:,:,:)
      allocate (couplings(0:p%nx+1,0:p%ny+1,2), part(0:p%nx+1,0:p%ny+1,3))
      couplings(:,:,1) = real(w%ce, dp)
      couplings(:,:,2) = real(w%cn, dp)
      part = 0
      part(:,:,1) = real(b, dp)
      call solve_part(couplings(:,:,1), couplings(:,:,2), part(:,:,1), part(:,:,2), 1)
      x = part(:,:,2)
      if (status == sw_ok) then
        call close_halo(p, x)
        part(:,:,1) = aimag(b)
        call subtract_couplings(p, w, aimag(w%ce), aimag(w%cn), real(x, dp), part(:,:,1))
        call solve_part(couplings(:,:,1), couplings(:,:,2), part(:,:,1), part(:,:,3), 2)
        x = cmplx(part(:,:,2), part(:,:,3), dp)
      end if
    end block
#else
    call solve_part(w%ce, w%cn, b, x, 1)
#endif

  contains

    subroutine solve_part(ce, cn, right, solution, k)
      real(dp), intent(in), dimension(0:p%nx+1,0:p%ny+1) :: ce, cn, right
      real(dp), intent(inout) :: solution(0:p%nx+1,0:p%ny+1)
      integer, intent(in) :: k
      integer  :: taken, outcome, i, j
      real(dp) :: residual

      call cg_solve(p%nx, p%ny, ce, cn, right, p%tolerance, p%max_iterations, w%cg, solution, reference(k), taken, &
                    residual, i, j, outcome, w%free)
      iterations = iterations + taken
      report%largest_residual = max(report%largest_residual, residual)
      if (outcome == cg_not_finite) status = sw_not_finite
      if (outcome == cg_exhausted) then
        status = sw_not_converged
        report%i = i
        report%j = j
      end if
    end subroutine solve_part

  end subroutine solve_elevation

#ifdef COMPLEX_STEP
  ! b - A_i*x: what the imaginary parts of the couplings take, in cells whose elevation is not given.
  subroutine subtract_couplings(p, w, ce, cn, x, b)
    type(sw_parameters), intent(in) :: p
    type(workspace), intent(in)     :: w
    real(dp), intent(in), dimension(0:p%nx+1,0:p%ny+1) :: ce, cn, x
    real(dp), intent(inout)         :: b(0:p%nx+1,0:p%ny+1)
    integer :: i, j

    do j = 1, p%ny
      do i = 1, p%nx
        b(i,j) = b(i,j) - ((ce(i,j)*(x(i,j) - x(i+1,j)) + ce(i-1,j)*(x(i,j) - x(i-1,j))) &
                         + (cn(i,j)*(x(i,j) - x(i,j+1)) + cn(i,j-1)*(x(i,j) - x(i,j-1))))
      end do
    end do
    do i = 1, w%given
      b(w%gi(i),w%gj(i)) = 0
    end do
  end subroutine subtract_couplings
#endif

  subroutine set_given(w, dz)
    type(workspace), intent(in) :: w
    FIELD, intent(inout) :: dz(0:,0:)
    integer :: k

    do k = 1, w%given
      dz(w%gi(k),w%gj(k)) = w%gz(k)
    end do
  end subroutine set_given

  ! fill_halo for one or two fields.
  subroutine close_halo(p, first, second)
    type(sw_parameters), intent(in) :: p
    FIELD, intent(inout) :: first(0:p%nx+1,0:p%ny+1)
    FIELD, intent(inout), optional :: second(0:p%nx+1,0:p%ny+1)

    call fill_halo(p%nx, p%ny, p%periodic_x, p%periodic_y, first)
    if (present(second)) call fill_halo(p%nx, p%ny, p%periodic_x, p%periodic_y, second)
  end subroutine close_halo

  ! Sums of squares of the real and the imaginary parts of a field.
  pure function squares(nx, ny, field) result(sums)
    integer, intent(in) :: nx, ny
    FIELD, intent(in)   :: field(0:nx+1,0:ny+1)
    real(dp) :: sums(2)
    integer  :: i, j

    sums = 0
    do j = 1, ny
      do i = 1, nx
        sums(1) = sums(1) + real(field(i,j), dp)**2
        sums(2) = sums(2) + aimag(cmplx(field(i,j), kind=dp))**2
      end do
    end do
  end function squares

end module semi_implicit_system
