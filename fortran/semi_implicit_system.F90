! The implicit part of a shallow-water step: from explicit estimates to new velocities and elevation.
!
! With C the Coriolis operator and G the gradient, the step leaves
!   un = uq + wimp*dt*C(un) - wimp*dt*g*G(dz),   dz = -dt*div(h*((1-wimp)*u + wimp*un)) + source
! uq the estimate with everything else. Without rotation un is eliminated and one five-point system for dz remains.
! Coriolis does not fit that system; it is iterated around it: each term is the solution without rotation for what the
! terms before leave, the estimate wimp*dt*C(last term) and the residual of its elevation system, which is therefore not
! solved further than the rotation contracts, wimp*dt*f a term. The iteration ends when the velocities' share is below
! tolerance times the velocities and the elevation's below tolerance times the largest right-hand side. In
! cells of an open boundary dz is given, and what it does to the velocities goes into the estimates; the matrix stays
! symmetric.
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
  public :: assemble, factor, solve_implicit

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
  end subroutine assemble

  ! What solve_implicit needs of the assembled system for any number of right-hand sides.
  subroutine factor(p, w)
    type(sw_parameters), intent(in) :: p
    type(workspace), intent(inout), target :: w

#ifdef COMPLEX_STEP
    call cg_factor(p%nx, p%ny, real(w%ce, dp), real(w%cn, dp), w%cg, w%free)
#else
    call cg_factor(p%nx, p%ny, w%ce, w%cn, w%cg, w%free)
#endif
    if (w%rotating) then
      w%su = sqrt(w%hu)
      w%sv = sqrt(w%hv)
    end if
  end subroutine factor

  ! Solves the equations above. w has what assemble and factor made, and rotation and open boundary if there are any.
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
    real(dp) :: loose, reference(2), residual(2), size_of_term(2), size_of_all(2)
    FIELD, pointer, contiguous, dimension(:,:) :: old_u, old_v, new_u, new_v  ! two terms
    integer  :: iterations, k, term

    iterations = 0
    reference = 0
    loose = p%tolerance
    if (w%rotating) loose = max(loose, min(0.1_dp, p%wimp*p%dt*maxval(abs(w%f))))
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
      old_u(0:,0:) => w%iu
      old_v(0:,0:) => w%iv
      new_u(0:,0:) => w%cu
      new_v(0:,0:) => w%cv
      old_u = un
      old_v = vn
      w%iz = dz
      size_of_all = squares(p%nx, p%ny, un) + squares(p%nx, p%ny, vn)
      term = 0
      do
        call coriolis(p%nx, p%ny, turn*p%wimp*p%dt, w%f, w%mu, w%mv, w%su, w%sv, old_u, old_v, new_u, new_v)
        size_of_term = squares(p%nx, p%ny, new_u) + squares(p%nx, p%ny, new_v)
        if (.not. all(size_of_term <= huge(1.0_dp))) status = sw_not_finite
        if (all(size_of_term <= max(p%tolerance, epsilon(1.0_dp))**2*size_of_all) &
            .and. all(residual <= p%tolerance*reference)) exit
        if (term == p%max_iterations) status = sw_not_converged
        if (status /= sw_ok) exit
        term = term + 1
        call subtract_product(p%nx, p%ny, w%ce, w%cn, w%iz, b)
        call close_halo(p, new_u, new_v)
        call continuity(p%nx, p%ny, p%dx, p%dy, p%dt, 0.0_dp, p%wimp, w%hu, w%hv, new_u, new_v, new_u, new_v, w%iz)
        call add_field(p%nx, p%ny, w%iz, b)
        call correct(new_u, new_v, w%iz)
        if (status /= sw_ok) exit
        call add_field(p%nx, p%ny, new_u, un)
        call add_field(p%nx, p%ny, new_v, vn)
        call add_field(p%nx, p%ny, w%iz, dz)
        call swap(old_u, new_u)
        call swap(old_v, new_v)
      end do
      call close_halo(p, un, vn)
    end if
    where (reference > 0) residual = residual/reference
    report%largest_residual = max(report%largest_residual, maxval(residual))
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
      call solve_elevation(p, w, b, loose, z_term, reference, residual, iterations, report, status)
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

  ! Solves the elevation system of w%ce, w%cn, to ||r|| <= tolerance*||b|| or to the step's accuracy, what comes first.
  subroutine solve_elevation(p, w, b, tolerance, x, reference, residual, iterations, report, status)
    type(sw_parameters), intent(in) :: p
    type(workspace), intent(inout), target :: w
    FIELD, intent(in)       :: b(0:p%nx+1,0:p%ny+1)  ! right-hand side, m
    real(dp), intent(in)    :: tolerance
    FIELD, intent(inout)    :: x(0:p%nx+1,0:p%ny+1)  ! out: solution, m
    real(dp), intent(inout) :: reference(2)          ! largest ||b|| in this step, of the real and the imaginary part
    real(dp), intent(out)   :: residual(2)           ! ||r|| of each part
    integer, intent(inout)  :: iterations            ! of this step
    type(sw_report), intent(inout) :: report
    integer, intent(out)    :: status                ! sw_ok, sw_not_converged (place in report) or sw_not_finite

    status = sw_ok
    residual = 0
#ifdef COMPLEX_STEP
    ! A = A_r + i*A_i: A_r*x_r = b_r and, as A_i*x_i is of second order, A_r*x_i = b_i - A_i*x_r, each to its own tolerance.
    block
      real(dp), allocatable :: part(:,:,:)
      FIELD, allocatable    :: right(:,:)
      integer :: k

      allocate (part(0:p%nx+1,0:p%ny+1,2), source=0.0_dp)
      right = b
      call solve_part(real(right, dp), part(:,:,1), 1)
      x = part(:,:,1)
      if (status == sw_ok) then
        call close_halo(p, x)
        call subtract_product(p%nx, p%ny, w%ce, w%cn, x, right)
        do k = 1, w%given
          right(w%gi(k),w%gj(k)) = 0
        end do
        call solve_part(aimag(right), part(:,:,2), 2)
        x = cmplx(part(:,:,1), part(:,:,2), dp)
      end if
    end block
#else
    call solve_part(b, x, 1)
#endif

  contains

    subroutine solve_part(right, solution, k)
      real(dp), intent(in)    :: right(0:p%nx+1,0:p%ny+1)
      real(dp), intent(inout) :: solution(0:p%nx+1,0:p%ny+1)
      integer, intent(in)     :: k
      integer  :: taken, outcome, i, j
      real(dp) :: norm

      call cg_solve(p%nx, p%ny, right, tolerance, p%tolerance*reference(k), p%max_iterations, w%cg, solution, norm, taken, &
                    residual(k), i, j, outcome)
      reference(k) = max(reference(k), norm)
      iterations = iterations + taken
      if (outcome == cg_not_finite) status = sw_not_finite
      if (outcome == cg_exhausted) then
        status = sw_not_converged
        report%i = i
        report%j = j
      end if
    end subroutine solve_part

  end subroutine solve_elevation

  ! b - A*x, A the matrix of the elevation system.
  subroutine subtract_product(nx, ny, ce, cn, x, b)
    integer, intent(in)  :: nx, ny
    FIELD, intent(in), dimension(0:nx+1,0:ny+1) :: ce, cn, x
    FIELD, intent(inout) :: b(0:nx+1,0:ny+1)
    integer :: i, j

    do j = 1, ny
      do i = 1, nx
        b(i,j) = b(i,j) - (x(i,j) + ((ce(i,j)*(x(i,j) - x(i+1,j)) + ce(i-1,j)*(x(i,j) - x(i-1,j))) &
                                   + (cn(i,j)*(x(i,j) - x(i,j+1)) + cn(i,j-1)*(x(i,j) - x(i,j-1)))))
      end do
    end do
  end subroutine subtract_product

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

  ! Sums of squares of the real and the imaginary parts of a field, in one lane a column, which vectorises.
  function squares(nx, ny, field) result(sums)
    integer, intent(in) :: nx, ny
    FIELD, intent(in)   :: field(0:nx+1,0:ny+1)
    real(dp) :: sums(2)
    real(dp), allocatable :: lanes(:,:)
    integer  :: i, j

    allocate (lanes(nx,2), source=0.0_dp)
    do j = 1, ny
      do i = 1, nx
        lanes(i,1) = lanes(i,1) + real(field(i,j), dp)**2
#ifdef COMPLEX_STEP
        lanes(i,2) = lanes(i,2) + aimag(field(i,j))**2
#endif
      end do
    end do
    sums = sum(lanes, 1)
  end function squares

  subroutine swap(a, b)
    FIELD, pointer, contiguous, intent(inout) :: a(:,:), b(:,:)
    FIELD, pointer, contiguous :: c(:,:)

    c(0:,0:) => a
    a(0:,0:) => b
    b(0:,0:) => c
  end subroutine swap

end module semi_implicit_system
