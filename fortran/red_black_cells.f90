! The two colours of a grid's cells, red (i+j even) and black, stored apart so that loops over one have unit stride.
!
! In row j the red cells are i = 2k-1+s and the black ones i = 2k-s with s = 0 in odd rows, 1 in even ones; hence
!   red k   has black k-1+s to the west and black k+s   to the east,
!   black k has red   k-s   to the west and red   k+1-s to the east.
! Suffix r: red, b: black; e, n: east and north coefficients. The halo of two rows is what the main loop of
! conjugate_gradients needs.
module red_black_cells
  use, intrinsic :: iso_fortran_env, only: dp => real64
  implicit none
  private
  public :: split, merge_colours, wrap, uncouple, black_from_red

contains

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

end module red_black_cells
