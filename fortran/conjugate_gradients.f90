! Conjugate gradients for the elevation system of the semi-implicit step.
!
! The system, on every cell of an nx * ny grid, with cw(i,j) = ce(i-1,j) and cs(i,j) = cn(i,j-1):
!
!   (1+ce+cw+cn+cs)*x(i,j) - ce*x(i+1,j) - cw*x(i-1,j) - cn*x(i,j+1) - cs*x(i,j-1) = b(i,j)
!
! On a periodic grid indices wrap around. Cells whose value is given (open boundaries) have x = 0 here, and b = 0: their
! couplings stay in the diagonals of their neighbours. The system is symmetric and diagonally dominant. A five-point stencil couples red cells (i+j even) to black ones only, so
! the black unknowns are eliminated exactly and the iteration runs on the red half (Reid 1972; Hageman and Young
! 1981, chapter 8), with the diagonal as preconditioner. An iteration costs less than one of plain
! diagonally preconditioned conjugate gradients, and about half as many are needed.
!
! A periodic side of odd length has no such two colours: diagonal_cg takes those grids.
!
! Red and black cells are stored apart, so that the inner loops have unit stride. In row j the red cells are
! i = 2k-1+s and the black ones i = 2k-s with s = 0 in odd rows, 1 in even ones; hence
!   red k   has black k-1+s to the west and black k+s   to the east,
!   black k has red   k-s   to the west and red   k+1-s to the east.
! Sums run in one lane per k, added up at the end: they vectorise without letting the compiler reorder additions,
! so that the same input gives the same bits wherever the program is compiled without such licence.
module conjugate_gradients
  use, intrinsic :: iso_fortran_env, only: dp => real64
  use diagonal_conjugate_gradients
  implicit none
  private
  public :: cg_workspace, cg_allocate, cg_solve, cg_converged, cg_exhausted, cg_not_finite

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
      allocate (work%block(0:nx+1,0:ny+1,5), work%lane1(nx), work%lane2(nx), source=0.0_dp, stat=code)
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

  ! Solves the system above to ||r|| <= tolerance * reference in the Euclidean norm.
  ! b = 0 gives x = 0 in no iteration.
  subroutine cg_solve(nx, ny, ce, cn, b, tolerance, max_iterations, work, x, reference, iterations, residual, &
                      i_worst, j_worst, outcome, free)
    integer, intent(in)     :: nx, ny                  ! number of cells in x and y
    real(dp), intent(in)    :: ce(0:nx+1,0:ny+1)       ! coefficient to the east, >= 0; 0 on closed faces; halo filled
    real(dp), intent(in)    :: cn(0:nx+1,0:ny+1)       ! coefficient to the north, alike
    real(dp), intent(in)    :: b(0:nx+1,0:ny+1)        ! right-hand side
    real(dp), intent(in)    :: tolerance               ! largest accepted ||r|| / reference
    integer, intent(in)     :: max_iterations          ! allowed iterations
    type(cg_workspace), intent(inout), target :: work  ! from cg_allocate with the same nx, ny
    real(dp), intent(inout) :: x(0:nx+1,0:ny+1)        ! out: solution, the best so far on failure; the halo is not touched
    real(dp), intent(inout) :: reference               ! in: what r is small against at least; out: not less than ||b||
    integer, intent(out)    :: iterations              ! iterations done
    real(dp), intent(out)   :: residual                ! ||r|| / reference, r as the recurrence carries it
    integer, intent(out)    :: i_worst, j_worst        ! exhausted: cell with the largest residual, else 0
    integer, intent(out)    :: outcome                 ! cg_converged, cg_exhausted or cg_not_finite
    real(dp), intent(in), optional :: free(0:nx+1,0:ny+1)  ! 0 where the value is given, else 1; halo filled

    associate (w => work)
      if (w%two_colours) then
        call reduced_solve(nx, ny, (nx + 1)/2, w%periodic_x, w%periodic_y, ce, cn, b, tolerance, max_iterations, &
                           w%er, w%eb, w%nr, w%nb, w%dr, w%ir, w%ib, w%br, w%bb, w%x, w%t, w%r, w%p, w%q, w%lane1, w%lane2, &
                           x, reference, iterations, residual, i_worst, j_worst, outcome, free)
      else
        call diagonal_cg(nx, ny, w%periodic_x, w%periodic_y, ce, cn, b, tolerance, max_iterations, w%block(:,:,1), &
                         w%block(:,:,2), w%block(:,:,3), w%block(:,:,4), w%block(:,:,5), w%lane1, w%lane2, &
                         x, reference, iterations, residual, i_worst, j_worst, outcome, free)
      end if
    end associate
  end subroutine cg_solve

  ! cg_solve on plain arrays: explicit shapes are what the vectoriser needs.
  subroutine reduced_solve(nx, ny, m, px, py, ce, cn, b, tolerance, max_iterations, er, eb, nr, nb, dr, ir, ib, br, bb, xr, &
                           t, r, p, q, lane1, lane2, x, reference, iterations, residual, i_worst, j_worst, outcome, free)
    integer, intent(in) :: nx, ny, m, max_iterations
    logical, intent(in) :: px, py
    real(dp), intent(in) :: tolerance
    real(dp), intent(in), dimension(0:nx+1,0:ny+1) :: ce, cn, b
    real(dp), intent(inout), dimension(0:m+1,-2:ny+2) :: er, eb, nr, nb, dr, ir, ib, br, bb, xr, t, r, p, q
    real(dp), intent(inout) :: lane1(m), lane2(m), x(0:nx+1,0:ny+1), reference
    integer, intent(out) :: iterations, i_worst, j_worst, outcome
    real(dp), intent(out) :: residual
    real(dp), intent(in), optional :: free(0:nx+1,0:ny+1)
    real(dp) :: norm_b, rr, rz, rz_old, pq, alpha, beta
    integer :: first, j, k, s

    iterations = 0
    i_worst = 0
    j_worst = 0
    outcome = cg_converged
    residual = 0

    call split(nx, ny, m, ce, er, eb)
    call split(nx, ny, m, cn, nr, nb)
    call split(nx, ny, m, b, br, bb)
    if (px .or. py) then
      call wrap(ny, m, px, py, er)
      call wrap(ny, m, px, py, eb)
      call wrap(ny, m, px, py, nr)
      call wrap(ny, m, px, py, nb)
    end if

    lane1 = 0
    do j = 1, ny
      do k = 1, m
        lane1(k) = lane1(k) + br(k,j)*br(k,j) + bb(k,j)*bb(k,j)
      end do
    end do
    norm_b = sqrt(sum(lane1))
    if (.not. norm_b <= huge(norm_b)) then
      outcome = cg_not_finite
      return
    end if
    if (.not. norm_b > 0) then
      do j = 1, ny
        x(1:nx,j) = 0
      end do
      return
    end if
    reference = max(reference, norm_b)

    do j = 1, ny
      s = 1 - mod(j, 2)
      do k = 1, m
        dr(k,j) = 1 + er(k,j) + eb(k-1+s,j) + nr(k,j) + nb(k,j-1)
        ir(k,j) = 1/dr(k,j)
        ib(k,j) = 1/(1 + eb(k,j) + er(k-s,j) + nb(k,j) + nr(k,j-1))
      end do
    end do
    if (present(free)) call uncouple(nx, ny, m, px, py, free, xr, t, er, eb, nr, nb)
    if (px .or. py) then
      call wrap(ny, m, px, py, er)
      call wrap(ny, m, px, py, eb)
      call wrap(ny, m, px, py, nr)
      call wrap(ny, m, px, py, nb)
      call wrap(ny, m, px, py, dr)
      call wrap(ny, m, px, py, ir)
      call wrap(ny, m, px, py, ib)
    end if
    xr = 0

    ! The first guess is zero. With the black cells solved exactly, only red cells have a residual.
    call black_from_red(ny, m, er, eb, nr, nb, ib, bb, xr, t)
    if (px .or. py) call wrap(ny, m, px, py, t)
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
      residual = sqrt(rr)/reference
      if (residual <= tolerance) exit
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

    if (px .or. py) call wrap(ny, m, px, py, xr)
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

  ! The black unknowns that go with the red ones: xb = (bb + couplings * xr) / diagonal.
  subroutine black_from_red(ny, m, er, eb, nr, nb, ib, bb, xr, xb)
    integer, intent(in) :: ny, m
    real(dp), intent(in), dimension(0:m+1,-2:ny+2) :: er, eb, nr, nb, ib, bb, xr
    real(dp), intent(inout) :: xb(0:m+1,-2:ny+2)
    integer :: j, k, s

    do j = 1, ny
      s = 1 - mod(j, 2)
      do k = 1, m
        xb(k,j) = ib(k,j)*(bb(k,j) + eb(k,j)*xr(k+1-s,j) + er(k-s,j)*xr(k-s,j) + nb(k,j)*xr(k,j+1) + nr(k,j-1)*xr(k,j-1))
      end do
    end do
  end subroutine black_from_red

  ! Takes the couplings of cells whose value is given out of the system; diagonals are computed before.
  subroutine uncouple(nx, ny, m, px, py, free, fr, fb, er, eb, nr, nb)
    integer, intent(in) :: nx, ny, m
    logical, intent(in) :: px, py
    real(dp), intent(in) :: free(0:nx+1,0:ny+1)
    real(dp), intent(inout), dimension(0:m+1,-2:ny+2) :: fr, fb          ! work
    real(dp), intent(inout), dimension(0:m+1,-2:ny+2) :: er, eb, nr, nb
    integer :: j, k, s

    call split(nx, ny, m, free, fr, fb)
    call wrap(ny, m, px, py, fr)
    call wrap(ny, m, px, py, fb)
    do j = 1, ny
      s = 1 - mod(j, 2)
      do k = 1, m
        er(k,j) = er(k,j)*fr(k,j)*fb(k+s,j)
        eb(k,j) = eb(k,j)*fb(k,j)*fr(k+1-s,j)
        nr(k,j) = nr(k,j)*fr(k,j)*fb(k,j+1)
        nb(k,j) = nb(k,j)*fb(k,j)*fr(k,j+1)
      end do
    end do
    fb = 0
  end subroutine uncouple

  ! Fills the halo of one colour on a periodic grid of even length: two rows at each end, one column at each side.
  pure subroutine wrap(ny, m, px, py, field)
    integer, intent(in) :: ny, m
    logical, intent(in) :: px, py
    real(dp), intent(inout) :: field(0:m+1,-2:ny+2)

    if (px) then
      field(0,1:ny) = field(m,1:ny)
      field(m+1,1:ny) = field(1,1:ny)
    end if
    if (py) then
      field(:,-1) = field(:,ny-1)
      field(:,0) = field(:,ny)
      field(:,ny+1) = field(:,1)
      field(:,ny+2) = field(:,2)
    end if
  end subroutine wrap

  ! Deals the cells of a row out to their colours. With odd nx the last pair takes its second cell from the halo, 0.
  subroutine split(nx, ny, m, field, red, black)
    integer, intent(in) :: nx, ny, m
    real(dp), intent(in) :: field(0:nx+1,0:ny+1)
    real(dp), intent(inout), dimension(0:m+1,-2:ny+2) :: red, black
    integer :: j, k

    do j = 1, ny, 2
      do k = 1, m
        red(k,j) = field(2*k-1,j)
        black(k,j) = field(2*k,j)
      end do
    end do
    do j = 2, ny, 2
      do k = 1, m
        black(k,j) = field(2*k-1,j)
        red(k,j) = field(2*k,j)
      end do
    end do
  end subroutine split

  ! The inverse of split.
  subroutine merge_colours(nx, ny, m, red, black, field)
    integer, intent(in) :: nx, ny, m
    real(dp), intent(in), dimension(0:m+1,-2:ny+2) :: red, black
    real(dp), intent(inout) :: field(0:nx+1,0:ny+1)
    integer :: j, k

    do j = 1, ny, 2
      do k = 1, m
        field(2*k-1,j) = red(k,j)
        field(2*k,j) = black(k,j)
      end do
    end do
    do j = 2, ny, 2
      do k = 1, m
        field(2*k-1,j) = black(k,j)
        field(2*k,j) = red(k,j)
      end do
    end do
  end subroutine merge_colours

end module conjugate_gradients
