! Padded copies of a state and all work arrays of a run of the shallow-water model.
!
! On the heap, since threads may have small stacks. The halo of closed, dry cells spares the loops of
! semi_implicit_step every branch; values in dry cells and on closed faces never get in.
module shallow_water_workspace
  use, intrinsic :: iso_fortran_env, only: dp => real64, int64
  use sw_status
  use conjugate_gradients, only: cg_workspace, cg_allocate
  implicit none
  private
  public :: workspace, prepare, load_elevation, load_state, store_state, accept, find_not_finite, finite

  real(dp), parameter, public :: sw_wet_threshold = 0.1_dp  ! a cell is wet when it is deeper than this, m

  type :: workspace
    real(dp), allocatable :: block(:,:,:)                                ! all fields in one allocation, see cg_workspace
    real(dp), pointer, contiguous, dimension(:,:) :: d, wet, mu, mv      ! depth (m, 0 where dry), masks of cells and faces
    real(dp), pointer, contiguous, dimension(:,:) :: zeta, u, v          ! old state
    real(dp), pointer, contiguous, dimension(:,:) :: dz, un, vn          ! change of elevation, new velocities
    real(dp), pointer, contiguous, dimension(:,:) :: hu, hv, ce, cn, b   ! face depths, couplings, right-hand side
    type(cg_workspace) :: cg
  end type workspace

contains

  ! Allocates the work arrays and derives wet cells and open faces from the depth.
  subroutine prepare(nx, ny, depth, w, i_bad, j_bad, status)
    integer, intent(in)  :: nx, ny          ! number of cells in x and y
    real(dp), intent(in) :: depth(nx,ny)    ! undisturbed depth, m
    type(workspace), intent(inout), target :: w  ! not allocated yet
    integer, intent(out) :: i_bad, j_bad    ! cell whose depth is not finite, 0 if none
    integer, intent(out) :: status          ! see module sw_status
    integer :: i, j, code
    logical :: failed

    i_bad = 0
    j_bad = 0
    do j = 1, ny
      do i = 1, nx
        if (.not. finite(depth(i,j))) then
          status = sw_depth_not_finite
          i_bad = i
          j_bad = j
          return
        end if
      end do
    end do
    if (.not. any(depth > sw_wet_threshold)) then
      status = sw_all_dry
      return
    end if

    allocate (w%block(0:nx+1,0:ny+1,15), source=0.0_dp, stat=code)
    failed = code /= 0
    if (.not. failed) call cg_allocate(nx, ny, w%cg, failed)
    if (failed) then
      status = sw_out_of_memory
      return
    end if
    w%d(0:,0:) => w%block(:,:,1)
    w%wet(0:,0:) => w%block(:,:,2)
    w%mu(0:,0:) => w%block(:,:,3)
    w%mv(0:,0:) => w%block(:,:,4)
    w%zeta(0:,0:) => w%block(:,:,5)
    w%u(0:,0:) => w%block(:,:,6)
    w%v(0:,0:) => w%block(:,:,7)
    w%dz(0:,0:) => w%block(:,:,8)
    w%un(0:,0:) => w%block(:,:,9)
    w%vn(0:,0:) => w%block(:,:,10)
    w%hu(0:,0:) => w%block(:,:,11)
    w%hv(0:,0:) => w%block(:,:,12)
    w%ce(0:,0:) => w%block(:,:,13)
    w%cn(0:,0:) => w%block(:,:,14)
    w%b(0:,0:) => w%block(:,:,15)

    do j = 1, ny
      do i = 1, nx
        if (depth(i,j) > sw_wet_threshold) then
          w%d(i,j) = depth(i,j)
          w%wet(i,j) = 1
        end if
      end do
    end do
    do j = 1, ny
      do i = 1, nx
        w%mu(i,j) = w%wet(i,j)*w%wet(i+1,j)
        w%mv(i,j) = w%wet(i,j)*w%wet(i,j+1)
      end do
    end do
    status = sw_ok
  end subroutine prepare

  ! Copies the elevation of wet cells in; what dry cells hold, NaN included, stays outside.
  subroutine load_elevation(nx, ny, zeta, w, i_bad, j_bad, status)
    integer, intent(in)            :: nx, ny
    real(dp), intent(in)           :: zeta(nx,ny)
    type(workspace), intent(inout), target :: w
    integer, intent(out)           :: i_bad, j_bad, status
    integer :: i, j

    do j = 1, ny
      do i = 1, nx
        if (w%wet(i,j) > 0) w%zeta(i,j) = zeta(i,j)
      end do
    end do
    status = sw_ok
    call find_not_finite(nx, ny, w%zeta, i_bad, j_bad)
    if (i_bad > 0) status = sw_zeta_not_finite
  end subroutine load_elevation

  ! Copies elevation and the velocities on open faces in.
  subroutine load_state(nx, ny, zeta, u, v, w, i_bad, j_bad, status)
    integer, intent(in)            :: nx, ny
    real(dp), intent(in)           :: zeta(nx,ny), u(nx,ny), v(nx,ny)
    type(workspace), intent(inout), target :: w
    integer, intent(out)           :: i_bad, j_bad, status
    integer :: i, j

    call load_elevation(nx, ny, zeta, w, i_bad, j_bad, status)
    if (status /= sw_ok) return
    do j = 1, ny
      do i = 1, nx
        if (w%mu(i,j) > 0) w%u(i,j) = u(i,j)
        if (w%mv(i,j) > 0) w%v(i,j) = v(i,j)
      end do
    end do
    call find_not_finite(nx, ny, w%u, i_bad, j_bad)
    if (i_bad == 0) call find_not_finite(nx, ny, w%v, i_bad, j_bad)
    if (i_bad > 0) status = sw_velocity_not_finite
  end subroutine load_state

  ! Copies the state out; the elevation of dry cells is left as the caller has it.
  subroutine store_state(nx, ny, w, zeta, u, v)
    integer, intent(in)         :: nx, ny
    type(workspace), intent(in), target :: w
    real(dp), intent(inout)     :: zeta(nx,ny), u(nx,ny), v(nx,ny)
    integer :: i, j

    do j = 1, ny
      do i = 1, nx
        if (w%wet(i,j) > 0) zeta(i,j) = w%zeta(i,j)
        u(i,j) = w%u(i,j)
        v(i,j) = w%v(i,j)
      end do
    end do
  end subroutine store_state

  ! First cell of a padded field that is NaN or infinite; (0, 0) if there is none.
  subroutine find_not_finite(nx, ny, field, i_bad, j_bad)
    integer, intent(in)  :: nx, ny
    real(dp), intent(in) :: field(0:nx+1,0:ny+1)
    integer, intent(out) :: i_bad, j_bad
    integer(int64) :: bad  ! as wide as the reals, to vectorise
    integer :: i, j

    i_bad = 0
    j_bad = 0
    do j = 1, ny
      bad = 0
      do i = 1, nx
        bad = bad + merge(0_int64, 1_int64, abs(field(i,j)) <= huge(1.0_dp))
      end do
      if (bad > 0) then
        j_bad = j
        do i = nx, 1, -1
          if (.not. finite(field(i,j))) i_bad = i
        end do
        return
      end if
    end do
  end subroutine find_not_finite

  ! Makes the new state the old one.
  pure subroutine accept(zeta, dz, u, un, v, vn)
    real(dp), contiguous, intent(inout), dimension(:,:) :: zeta, u, v
    real(dp), contiguous, intent(in), dimension(:,:)    :: dz, un, vn

    zeta = zeta + dz
    u = un
    v = vn
  end subroutine accept

  ! Neither NaN nor infinite.
  elemental logical function finite(x)
    real(dp), intent(in) :: x
    finite = abs(x) <= huge(x)
  end function finite

end module shallow_water_workspace
