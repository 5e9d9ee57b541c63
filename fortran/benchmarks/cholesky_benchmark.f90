! Conjugate gradients with an incomplete Cholesky factor of the elevation system, for comparison only: its substitutions go
! cell by cell, each waiting for the one before, so that they do not vectorise.
module cholesky_benchmark
  use, intrinsic :: iso_fortran_env, only: dp => real64
  use diagonal_conjugate_gradients, only: cg_converged, cg_exhausted
  implicit none
  private
  public :: cholesky_cg

contains

  ! Arguments as those of cg_solve; a closed grid of n x n cells.
  subroutine cholesky_cg(n, modified, ce, cn, b, tolerance, max_iterations, x, iterations, outcome)
    integer, intent(in)  :: n, max_iterations
    real(dp), intent(in) :: modified                ! 0: plain, 1: what is dropped goes to the diagonal
    real(dp), intent(in), dimension(0:n+1,0:n+1) :: ce, cn, b
    real(dp), intent(in) :: tolerance
    real(dp), intent(inout) :: x(0:n+1,0:n+1)       ! out: the solution
    integer, intent(out) :: iterations, outcome
    real(dp), allocatable, dimension(:,:) :: d, r, p, q, z, pivot, w, s, e, f
    real(dp) :: alpha, beta, rr, rz, rz_old, limit
    integer :: i, j

    allocate (d(0:n+1,0:n+1), r(0:n+1,0:n+1), p(0:n+1,0:n+1), q(0:n+1,0:n+1), z(0:n+1,0:n+1), pivot(0:n+1,0:n+1), &
              w(0:n+1,0:n+1), s(0:n+1,0:n+1), e(0:n+1,0:n+1), f(0:n+1,0:n+1), source=0.0_dp)
    ! (P - L)*P**-1*(P - L**T) with the couplings L and pivots P, here their inverses; w, s, e, f: couplings over pivots
    do j = 1, n
      do i = 1, n
        d(i,j) = 1 + ce(i,j) + ce(i-1,j) + cn(i,j) + cn(i,j-1)
        pivot(i,j) = 1/(d(i,j) - ce(i-1,j)*(ce(i-1,j) + modified*cn(i-1,j))*pivot(i-1,j) &
                               - cn(i,j-1)*(cn(i,j-1) + modified*ce(i,j-1))*pivot(i,j-1))
        w(i,j) = ce(i-1,j)*pivot(i,j)
        s(i,j) = cn(i,j-1)*pivot(i,j)
        e(i,j) = ce(i,j)*pivot(i,j)
        f(i,j) = cn(i,j)*pivot(i,j)
      end do
    end do
    x = 0
    r(1:n,1:n) = b(1:n,1:n)
    rr = dot(n, r, r)
    limit = (tolerance**2)*rr
    iterations = 0
    outcome = cg_converged
    beta = 0
    rz_old = 1
    do while (rr > limit)
      if (iterations == max_iterations) then
        outcome = cg_exhausted
        return
      end if
      iterations = iterations + 1
      do j = 1, n
        do i = 1, n
          z(i,j) = r(i,j)*pivot(i,j) + s(i,j)*z(i,j-1)
        end do
        do i = 1, n
          z(i,j) = z(i,j) + w(i,j)*z(i-1,j)
        end do
      end do
      do j = n, 1, -1
        do i = 1, n
          z(i,j) = z(i,j) + f(i,j)*z(i,j+1)
        end do
        do i = n, 1, -1
          z(i,j) = z(i,j) + e(i,j)*z(i+1,j)
        end do
      end do
      rz = dot(n, r, z)
      if (iterations > 1) beta = rz/rz_old
      do j = 1, n
        do i = 1, n
          p(i,j) = z(i,j) + beta*p(i,j)
        end do
      end do
      do j = 1, n
        do i = 1, n
          q(i,j) = d(i,j)*p(i,j) - ((ce(i,j)*p(i+1,j) + ce(i-1,j)*p(i-1,j)) + (cn(i,j)*p(i,j+1) + cn(i,j-1)*p(i,j-1)))
        end do
      end do
      alpha = rz/dot(n, p, q)
      do j = 1, n
        do i = 1, n
          x(i,j) = x(i,j) + alpha*p(i,j)
          r(i,j) = r(i,j) - alpha*q(i,j)
        end do
      end do
      rr = dot(n, r, r)
      rz_old = rz
    end do
  end subroutine cholesky_cg

  ! The product of two fields, summed in one lane a column as the library does, to vectorise.
  pure real(dp) function dot(n, a, b)
    integer, intent(in)  :: n
    real(dp), intent(in), dimension(0:n+1,0:n+1) :: a, b
    real(dp) :: lane(n)
    integer  :: i, j

    lane = 0
    do j = 1, n
      do i = 1, n
        lane(i) = lane(i) + a(i,j)*b(i,j)
      end do
    end do
    dot = sum(lane)
  end function dot

end module cholesky_benchmark
