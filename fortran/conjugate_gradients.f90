! Conjugate gradients for the elevation system of the semi-implicit step.
!
! The system, on every cell of an nx * ny grid, with cw(i,j) = ce(i-1,j) and cs(i,j) = cn(i,j-1):
!
!   (1+ce+cw+cn+cs)*x(i,j) - ce*x(i+1,j) - cw*x(i-1,j) - cn*x(i,j+1) - cs*x(i,j-1) = b(i,j)
!
! On a periodic grid indices wrap around. Cells whose value is given (open boundaries) have x = 0 here, and b = 0: their
! couplings stay in the diagonals of their neighbours. The system is symmetric and diagonally dominant. A five-point
! stencil couples red cells (i+j even) to black ones only, so the black unknowns are eliminated exactly and the iteration
! runs on the red half (Reid 1972; Hageman and Young 1981, chapter 8), with the diagonal as preconditioner. An iteration
! costs less than one of plain diagonally preconditioned conjugate gradients, and about half as many are needed.
! The cells of each colour are stored apart, see the module red_black_cells.
!
! A periodic side of odd length has no such two colours: diagonal_conjugate_gradients takes those grids.
!
! cg_factor makes ready what depends on the matrix alone, cg_solve solves for one right-hand side after the other.
! Sums run in one lane per k, added up at the end: they vectorise without letting the compiler reorder additions,
! so that the same input gives the same bits wherever the program is compiled without such licence.
module conjugate_gradients
  use, intrinsic :: iso_fortran_env, only: dp => real64
  use red_black_cells
  use diagonal_conjugate_gradients
  implicit none
  private
  public :: cg_workspace, cg_allocate, cg_factor, cg_solve, cg_converged, cg_exhausted, cg_not_finite

  ! Work arrays of one solve, to be kept over many. Suffix r: red, b: black; e, n: east and north coefficients.
  type :: cg_workspace
    private
    logical :: periodic_x = .false., periodic_y = .false.
    logical :: two_colours = .true.        ! no periodic side is odd
    real(dp), allocatable :: block(:,:,:)  ! all fields in one allocation, which allocators recycle better than many
    real(dp), pointer, contiguous, dimension(:,:) :: er, eb, nr, nb, dr, ir, ib, br, bb, x, t, r, p, q
    real(dp), allocatable, dimension(:) :: lane1, lane2
  end type cg_workspace

contains

  ! Allocates the work arrays, all zero; their halo stays zero for good. The main loop of cg_solve needs its many rows.
  subroutine cg_allocate(nx, ny, periodic_x, periodic_y, work, failed)
    integer, intent(in) :: nx, ny                        ! number of cells in x and y
    logical, intent(in) :: periodic_x, periodic_y
    type(cg_workspace), intent(inout), target :: work    ! not allocated yet; must be a target wherever it is used
    logical, intent(out) :: failed                       ! not enough memory
    integer :: m, code

    work%periodic_x = periodic_x
    work%periodic_y = periodic_y
    work%two_colours = .not. (periodic_x .and. mod(nx, 2) == 1 .or. periodic_y .and. mod(ny, 2) == 1)
    if (.not. work%two_colours) then
      allocate (work%block(0:nx+1,0:ny+1,7), work%lane1(nx), work%lane2(nx), source=0.0_dp, stat=code)
      failed = code /= 0
      return
    end if
    m = (nx + 1)/2
    allocate (work%block(0:m+1,-2:ny+2,14), work%lane1(m), work%lane2(m), source=0.0_dp, stat=code)
    failed = code /= 0
    if (failed) return
    work%er(0:,-2:) => work%block(:,:,1)
    work%eb(0:,-2:) => work%block(:,:,2)
    work%nr(0:,-2:) => work%block(:,:,3)
    work%nb(0:,-2:) => work%block(:,:,4)
    work%dr(0:,-2:) => work%block(:,:,5)
    work%ir(0:,-2:) => work%block(:,:,6)
    work%ib(0:,-2:) => work%block(:,:,7)
    work%br(0:,-2:) => work%block(:,:,8)
    work%bb(0:,-2:) => work%block(:,:,9)
    work%x(0:,-2:) => work%block(:,:,10)
    work%t(0:,-2:) => work%block(:,:,11)
    work%r(0:,-2:) => work%block(:,:,12)
    work%p(0:,-2:) => work%block(:,:,13)
    work%q(0:,-2:) => work%block(:,:,14)
  end subroutine cg_allocate

  ! Takes the matrix in: couplings of both colours, diagonals and their inverses.
  subroutine cg_factor(nx, ny, ce, cn, work, free)
    integer, intent(in)  :: nx, ny                     ! number of cells in x and y
    real(dp), intent(in) :: ce(0:nx+1,0:ny+1)          ! coefficient to the east, >= 0; 0 on closed faces; halo filled
    real(dp), intent(in) :: cn(0:nx+1,0:ny+1)          ! coefficient to the north, alike
    type(cg_workspace), intent(inout), target :: work  ! from cg_allocate with the same nx, ny
    real(dp), intent(in), optional :: free(0:nx+1,0:ny+1)  ! 0 where the value is given, else 1; halo filled

    associate (w => work)
      if (w%two_colours) then
        call reduced_factor(nx, ny, (nx + 1)/2, w%periodic_x, w%periodic_y, ce, cn, w%er, w%eb, w%nr, w%nb, w%dr, w%ir, w%ib, &
                            w%x, w%t, free)
      else
        call diagonal_factor(nx, ny, ce, cn, w%block(:,:,1), w%block(:,:,2), w%block(:,:,3), w%block(:,:,4), free)
      end if
    end associate
  end subroutine cg_factor

  ! Solves the system above to ||r|| <= max(tolerance*||b||, enough) in the Euclidean norm.
  ! b = 0 gives x = 0 in no iteration.
  subroutine cg_solve(nx, ny, b, tolerance, enough, max_iterations, work, x, norm_b, iterations, residual, i_worst, j_worst, &
                      outcome)
    integer, intent(in)     :: nx, ny                  ! number of cells in x and y
    real(dp), intent(in)    :: b(0:nx+1,0:ny+1)        ! right-hand side
    real(dp), intent(in)    :: tolerance               ! accepted ||r|| / ||b||
    real(dp), intent(in)    :: enough                  ! accepted ||r||, whatever ||b||
    integer, intent(in)     :: max_iterations          ! allowed iterations
    type(cg_workspace), intent(inout), target :: work  ! from cg_factor
    real(dp), intent(inout) :: x(0:nx+1,0:ny+1)        ! out: solution, the best so far on failure; the halo is not touched
    real(dp), intent(out)   :: norm_b                  ! ||b||
    integer, intent(out)    :: iterations              ! iterations done
    real(dp), intent(out)   :: residual                ! ||r||, r as the recurrence carries it
    integer, intent(out)    :: i_worst, j_worst        ! exhausted: cell with the largest residual, else 0
    integer, intent(out)    :: outcome                 ! cg_converged, cg_exhausted or cg_not_finite

    associate (w => work)
      if (w%two_colours) then
        call reduced_solve(nx, ny, (nx + 1)/2, w%periodic_x, w%periodic_y, b, tolerance, enough, max_iterations, &
                           w%er, w%eb, w%nr, w%nb, w%dr, w%ir, w%ib, w%br, w%bb, w%x, w%t, w%r, w%p, w%q, w%lane1, w%lane2, &
                           x, norm_b, iterations, residual, i_worst, j_worst, outcome)
      else
        call diagonal_solve(nx, ny, w%periodic_x, w%periodic_y, b, tolerance, enough, max_iterations, w%block(:,:,1), &
                            w%block(:,:,2), w%block(:,:,3), w%block(:,:,4), w%block(:,:,5), w%block(:,:,6), w%block(:,:,7), &
                            w%lane1, w%lane2, x, norm_b, iterations, residual, i_worst, j_worst, outcome)
      end if
    end associate
  end subroutine cg_solve

  ! cg_factor on plain arrays: explicit shapes are what the vectoriser needs.
  subroutine reduced_factor(nx, ny, m, px, py, ce, cn, er, eb, nr, nb, dr, ir, ib, fr, fb, free)
    integer, intent(in) :: nx, ny, m
    logical, intent(in) :: px, py
    real(dp), intent(in), dimension(0:nx+1,0:ny+1) :: ce, cn
    real(dp), intent(inout), dimension(0:m+1,-2:ny+2) :: er, eb, nr, nb, dr, ir, ib
    real(dp), intent(inout), dimension(0:m+1,-2:ny+2) :: fr, fb  ! work
    real(dp), intent(in), optional :: free(0:nx+1,0:ny+1)
    integer :: j, k, s

    call split(nx, ny, m, ce, er, eb)
    call split(nx, ny, m, cn, nr, nb)
    call wrap(ny, m, px, py, er)
    call wrap(ny, m, px, py, eb)
    call wrap(ny, m, px, py, nr)
    call wrap(ny, m, px, py, nb)
    do j = 1, ny
      s = 1 - mod(j, 2)
      do k = 1, m
        dr(k,j) = 1 + er(k,j) + eb(k-1+s,j) + nr(k,j) + nb(k,j-1)
        ir(k,j) = 1/dr(k,j)
        ib(k,j) = 1/(1 + eb(k,j) + er(k-s,j) + nb(k,j) + nr(k,j-1))
      end do
    end do
    if (present(free)) call uncouple(nx, ny, m, px, py, free, fr, fb, er, eb, nr, nb)
    call wrap(ny, m, px, py, er)
    call wrap(ny, m, px, py, eb)
    call wrap(ny, m, px, py, nr)
    call wrap(ny, m, px, py, nb)
    call wrap(ny, m, px, py, dr)
    call wrap(ny, m, px, py, ir)
    call wrap(ny, m, px, py, ib)
  end subroutine reduced_factor

  ! cg_solve on plain arrays.
  subroutine reduced_solve(nx, ny, m, px, py, b, tolerance, enough, max_iterations, er, eb, nr, nb, dr, ir, ib, br, bb, xr, t, &
                           r, p, q, lane1, lane2, x, norm_b, iterations, residual, i_worst, j_worst, outcome)
    integer, intent(in) :: nx, ny, m, max_iterations
    logical, intent(in) :: px, py
    real(dp), intent(in) :: tolerance, enough, b(0:nx+1,0:ny+1)
    real(dp), intent(in), dimension(0:m+1,-2:ny+2) :: er, eb, nr, nb, dr, ir, ib
    real(dp), intent(inout), dimension(0:m+1,-2:ny+2) :: br, bb, xr, t, r, p, q
    real(dp), intent(inout) :: lane1(m), lane2(m), x(0:nx+1,0:ny+1)
    integer, intent(out) :: iterations, i_worst, j_worst, outcome
    real(dp), intent(out) :: norm_b, residual
    real(dp) :: rr, rz, rz_old, pq, alpha, beta
    integer :: first, j, k, s

    iterations = 0
    i_worst = 0
    j_worst = 0
    outcome = cg_converged
    residual = 0

    call split(nx, ny, m, b, br, bb)
    lane1 = 0
    do j = 1, ny
      do k = 1, m
        lane1(k) = lane1(k) + br(k,j)*br(k,j) + bb(k,j)*bb(k,j)
      end do
    end do
    norm_b = sqrt(sum(lane1))
    residual = norm_b
    if (.not. norm_b <= huge(norm_b)) then
      outcome = cg_not_finite
      return
    end if
    if (norm_b <= enough .or. .not. norm_b > 0) then
      do j = 1, ny
        x(1:nx,j) = 0
      end do
      return
    end if

    ! The first guess is zero. With the black cells solved exactly, only red cells have a residual.
    xr = 0
    call black_from_red(ny, m, er, eb, nr, nb, ib, bb, xr, t)
    call wrap(ny, m, px, py, t)
    lane1 = 0
    lane2 = 0
    do j = 1, ny
      s = 1 - mod(j, 2)
      do k = 1, m
        r(k,j) = br(k,j) + (er(k,j)*t(k+s,j) + eb(k-1+s,j)*t(k-1+s,j) + nr(k,j)*t(k,j+1) + nb(k,j-1)*t(k,j-1))
        lane1(k) = lane1(k) + r(k,j)*r(k,j)
        lane2(k) = lane2(k) + r(k,j)*r(k,j)*ir(k,j)
      end do
    end do
    rr = sum(lane1)
    rz = sum(lane2)
    beta = 0
    p = 0
    first = merge(-3, -1, py)

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

      ! p = r/dr + beta*p and q = (reduced matrix)*p through the black cells t. The three loops run one row behind
      ! each other, so that the rows they share are still in cache; beyond closed edges p and t are zero, beyond
      ! periodic ones they are computed twice.
      lane1 = 0
      if (py) call wrap(ny, m, .false., py, r)
      do j = first, ny
        do k = 1, m
          p(k,j+2) = r(k,j+2)*ir(k,j+2) + beta*p(k,j+2)
        end do
        if (px) then
          p(0,j+2) = p(m,j+2)
          p(m+1,j+2) = p(1,j+2)
        end if
        if (j < -1) cycle
        s = modulo(j, 2)
        do k = 1, m
          t(k,j+1) = ib(k,j+1)*(eb(k,j+1)*p(k+1-s,j+1) + er(k-s,j+1)*p(k-s,j+1) + nb(k,j+1)*p(k,j+2) + nr(k,j)*p(k,j))
        end do
        if (px) then
          t(0,j+1) = t(m,j+1)
          t(m+1,j+1) = t(1,j+1)
        end if
        if (j < 1) cycle
        s = 1 - modulo(j, 2)
        do k = 1, m
          q(k,j) = dr(k,j)*p(k,j) &
                 - (er(k,j)*t(k+s,j) + eb(k-1+s,j)*t(k-1+s,j) + nr(k,j)*t(k,j+1) + nb(k,j-1)*t(k,j-1))
          lane1(k) = lane1(k) + p(k,j)*q(k,j)
        end do
      end do
      pq = sum(lane1)

      alpha = rz/pq
      lane1 = 0
      lane2 = 0
      do j = 1, ny
        do k = 1, m
          xr(k,j) = xr(k,j) + alpha*p(k,j)
          r(k,j) = r(k,j) - alpha*q(k,j)
          lane1(k) = lane1(k) + r(k,j)*r(k,j)
          lane2(k) = lane2(k) + r(k,j)*r(k,j)*ir(k,j)
        end do
      end do
      rr = sum(lane1)
      rz_old = rz
      rz = sum(lane2)
      beta = rz/rz_old
    end do

    call wrap(ny, m, px, py, xr)
    call black_from_red(ny, m, er, eb, nr, nb, ib, bb, xr, t)
    call merge_colours(nx, ny, m, xr, t, x)

    if (outcome /= cg_exhausted) return
    rr = -1
    do j = 1, ny
      do k = 1, m
        if (abs(r(k,j)) > rr) then
          rr = abs(r(k,j))
          i_worst = 2*k - mod(j, 2)
          j_worst = j
        end if
      end do
    end do
  end subroutine reduced_solve

end module conjugate_gradients
