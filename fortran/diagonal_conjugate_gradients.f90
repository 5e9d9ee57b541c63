! Conjugate gradients with the diagonal as preconditioner, for the elevation system in its natural order.
!
! For grids that have no two colours, periodic over an odd number of cells; see conjugate_gradients, which is faster and
! has the system. Sums run in one lane per column, for the same bits under any vectorisation.
module diagonal_conjugate_gradients
  use, intrinsic :: iso_fortran_env, only: dp => real64
  implicit none
  private
  public :: diagonal_factor, diagonal_solve

  integer, parameter, public :: cg_converged = 0, cg_exhausted = 1, cg_not_finite = 2

contains

  ! Arguments as those of cg_factor.
  subroutine diagonal_factor(nx, ny, ce, cn, e, n, d, di, free)
    integer, intent(in)  :: nx, ny
    real(dp), intent(in), dimension(0:nx+1,0:ny+1) :: ce, cn
    real(dp), intent(inout), dimension(0:nx+1,0:ny+1) :: e, n, d, di  ! out: couplings to east and north, diagonal, 1/d
    real(dp), intent(in), optional :: free(0:nx+1,0:ny+1)
    integer :: i, j

    e = ce
    n = cn
    do j = 1, ny
      do i = 1, nx
        d(i,j) = 1 + ce(i,j) + ce(i-1,j) + cn(i,j) + cn(i,j-1)
        di(i,j) = 1/d(i,j)
      end do
    end do
    if (.not. present(free)) return
    do j = 0, ny
      do i = 0, nx
        e(i,j) = e(i,j)*free(i,j)*free(i+1,j)
        n(i,j) = n(i,j)*free(i,j)*free(i,j+1)
      end do
    end do
  end subroutine diagonal_factor

  ! Arguments as those of cg_solve.
  subroutine diagonal_solve(nx, ny, px, py, b, tolerance, enough, max_iterations, e, n, d, di, r, p, q, lane1, lane2, x, &
                            norm_b, iterations, residual, i_worst, j_worst, outcome)
    integer, intent(in)  :: nx, ny, max_iterations
    logical, intent(in)  :: px, py                     ! periodic directions
    real(dp), intent(in) :: tolerance, enough, b(0:nx+1,0:ny+1)
    real(dp), intent(in), dimension(0:nx+1,0:ny+1) :: e, n, d, di ! from diagonal_factor
    real(dp), intent(inout), dimension(0:nx+1,0:ny+1) :: r, p, q  ! work: residual, direction, matrix times it
    real(dp), intent(inout) :: lane1(nx), lane2(nx)               ! work
    real(dp), intent(inout) :: x(0:nx+1,0:ny+1)
    integer, intent(out)  :: iterations, i_worst, j_worst, outcome
    real(dp), intent(out) :: norm_b, residual
    real(dp) :: rr, rz, rz_old, pq, alpha, beta
    integer :: i, j

    iterations = 0
    i_worst = 0
    j_worst = 0
    outcome = cg_converged
    residual = 0
    lane1 = 0
    do j = 1, ny
      do i = 1, nx
        lane1(i) = lane1(i) + b(i,j)*b(i,j)
        x(i,j) = 0
      end do
    end do
    norm_b = sqrt(sum(lane1))
    residual = norm_b
    if (.not. norm_b <= huge(norm_b)) outcome = cg_not_finite
    if (outcome == cg_not_finite .or. norm_b <= enough .or. .not. norm_b > 0) return

    p = 0
    lane1 = 0
    lane2 = 0
    do j = 1, ny
      do i = 1, nx
        r(i,j) = b(i,j)
        lane1(i) = lane1(i) + r(i,j)*r(i,j)
        lane2(i) = lane2(i) + r(i,j)*r(i,j)*di(i,j)
      end do
    end do
    rr = sum(lane1)
    rz = sum(lane2)
    beta = 0

    do
      residual = sqrt(rr)
      if (residual <= max(tolerance*norm_b, enough)) exit
      if (.not. residual <= huge(residual)) then
        outcome = cg_not_finite
        exit
      end if
      if (iterations == max_iterations) then
        outcome = cg_exhausted
        exit
      end if
      iterations = iterations + 1

      do j = 1, ny
        do i = 1, nx
          p(i,j) = r(i,j)*di(i,j) + beta*p(i,j)
        end do
      end do
      if (px) p(0,:) = p(nx,:)
      if (px) p(nx+1,:) = p(1,:)
      if (py) p(:,0) = p(:,ny)
      if (py) p(:,ny+1) = p(:,1)
      lane1 = 0
      do j = 1, ny
        do i = 1, nx
          q(i,j) = d(i,j)*p(i,j) - ((e(i,j)*p(i+1,j) + e(i-1,j)*p(i-1,j)) + (n(i,j)*p(i,j+1) + n(i,j-1)*p(i,j-1)))
          lane1(i) = lane1(i) + p(i,j)*q(i,j)
        end do
      end do
      pq = sum(lane1)

      alpha = rz/pq
      lane1 = 0
      lane2 = 0
      do j = 1, ny
        do i = 1, nx
          x(i,j) = x(i,j) + alpha*p(i,j)
          r(i,j) = r(i,j) - alpha*q(i,j)
          lane1(i) = lane1(i) + r(i,j)*r(i,j)
          lane2(i) = lane2(i) + r(i,j)*r(i,j)*di(i,j)
        end do
      end do
      rr = sum(lane1)
      rz_old = rz
      rz = sum(lane2)
      beta = rz/rz_old
    end do

    if (outcome /= cg_exhausted) return
    rr = -1
    do j = 1, ny
      do i = 1, nx
        if (abs(r(i,j)) > rr) then
          rr = abs(r(i,j))
          i_worst = i
          j_worst = j
        end if
      end do
    end do
  end subroutine diagonal_solve

end module diagonal_conjugate_gradients
