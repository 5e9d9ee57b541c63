! Padded copies of a state and all work arrays of a run of the shallow-water model.
!
! On the heap, since threads may have small stacks. The halo, of closed, dry cells or of a periodic grid's other side,
! spares the loops every branch; values in dry cells and on closed faces never get in.
! FIELD is real or complex, see scalar.h.
#include "scalar.h"
module shallow_water_workspace
  use, intrinsic :: iso_fortran_env, only: dp => real64, int64
  use sw_status
  use shallow_water_types
  use semi_implicit_loops, only: fill_halo
  use conjugate_gradients, only: cg_workspace, cg_allocate
  implicit none
  private
  public :: workspace, prepare, prepare_like, load_elevation, load_state, store_state, accept, find_not_finite

  type :: workspace
    FIELD, allocatable    :: block(:,:,:)                                ! all fields in one allocation, see cg_workspace
    real(dp), allocatable :: masks(:,:,:)
    real(dp), pointer, contiguous, dimension(:,:) :: wet, mu, mv         ! 1 in wet cells and on open faces, else 0
    FIELD, pointer, contiguous, dimension(:,:) :: d                      ! depth, m, 0 where dry
    FIELD, pointer, contiguous, dimension(:,:) :: zeta, u, v             ! old state
    FIELD, pointer, contiguous, dimension(:,:) :: dz, un, vn             ! change of elevation, new velocities
    FIELD, pointer, contiguous, dimension(:,:) :: hu, hv, ce, cn, b      ! face depths, couplings, right-hand side
    type(cg_workspace) :: cg

    logical  :: rotating = .false.                                       ! with Coriolis:
    real(dp), allocatable :: f(:)                                        ! Coriolis parameter of each row, 1/s
    FIELD, allocatable, dimension(:,:) :: su, sv                         ! square roots of face depths
    FIELD, allocatable, dimension(:,:) :: cu, cv                         ! accelerations, velocity increments
    FIELD, allocatable, dimension(:,:) :: iu, iv, iz                     ! increments of velocities and elevation

    logical  :: windy = .false.                                          ! with wind:
    real(dp), allocatable, dimension(:,:) :: xu, xv                      ! stress over density on faces, m2/s2

    integer  :: given = 0                                                ! open boundary cells
    integer, allocatable  :: gi(:), gj(:)                                ! their places
    FIELD, allocatable    :: gz(:)                                       ! given changes of their elevation, m
    real(dp), allocatable :: free(:,:)                                   ! 0 in them, else 1
  end type workspace

contains

  ! Allocates the work arrays and derives wet cells and open faces from the depth. Forcing is prepared apart.
  subroutine prepare(p, depth, w, i_bad, j_bad, status)
    type(sw_parameters), intent(in) :: p
    FIELD, intent(in)    :: depth(p%nx,p%ny)     ! undisturbed depth, m
    type(workspace), intent(inout), target :: w  ! not allocated yet
    integer, intent(out) :: i_bad, j_bad         ! cell whose depth is not finite, 0 if none
    integer, intent(out) :: status               ! see module sw_status
    integer :: i, j

    i_bad = 0
    j_bad = 0
    do j = 1, p%ny
      do i = 1, p%nx
        if (.not. finite(abs(depth(i,j)))) then
          status = sw_depth_not_finite
          i_bad = i
          j_bad = j
          return
        end if
      end do
    end do
    if (.not. any(real(depth, dp) > sw_wet_threshold)) then
      status = sw_all_dry
      return
    end if
    call allocate_all(p, .true., w, status)
    if (status /= sw_ok) return

    do j = 1, p%ny
      do i = 1, p%nx
        if (real(depth(i,j), dp) > sw_wet_threshold) then
          w%d(i,j) = depth(i,j)
          w%wet(i,j) = 1
        end if
      end do
    end do
    call fill_halo(p%nx, p%ny, p%periodic_x, p%periodic_y, w%d)
    if (p%periodic_x) w%wet(p%nx+1,:) = w%wet(1,:)
    if (p%periodic_y) w%wet(:,p%ny+1) = w%wet(:,1)
    do j = 1, p%ny
      do i = 1, p%nx
        w%mu(i,j) = w%wet(i,j)*w%wet(i+1,j)
        w%mv(i,j) = w%wet(i,j)*w%wet(i,j+1)
      end do
    end do
    if (w%rotating) then
      do j = 0, p%ny + 1
        w%f(j) = p%coriolis + p%beta*(j - 0.5_dp*(p%ny + 1))*p%dy
      end do
    end if
  end subroutine prepare

  ! Work arrays for a perturbation or a cotangent on the cells of another workspace, all zero.
  subroutine prepare_like(p, w, d, status)
    type(sw_parameters), intent(in) :: p
    type(workspace), intent(in)  :: w            ! prepared
    type(workspace), intent(inout), target :: d  ! not allocated yet
    integer, intent(out) :: status

    call allocate_all(p, .false., d, status)
    if (status /= sw_ok) return
    d%wet = w%wet
    d%mu = w%mu
    d%mv = w%mv
  end subroutine prepare_like

  subroutine allocate_all(p, solving, w, status)
    type(sw_parameters), intent(in) :: p
    logical, intent(in)  :: solving              ! with what the implicit part of a step needs
    type(workspace), intent(inout), target :: w
    integer, intent(out) :: status
    logical :: failed
    integer :: code, nx, ny

    nx = p%nx
    ny = p%ny
    status = sw_ok
    allocate (w%masks(0:nx+1,0:ny+1,3), source=0.0_dp, stat=code)
    if (code == 0) allocate (w%block(0:nx+1,0:ny+1,12), stat=code)
    failed = code /= 0
    if (solving .and. .not. failed) call cg_allocate(nx, ny, p%periodic_x, p%periodic_y, w%cg, failed)
    w%rotating = solving .and. abs(p%coriolis) + abs(p%beta) > 0
    if (w%rotating .and. .not. failed) then
      allocate (w%su(0:nx+1,0:ny+1), w%sv(0:nx+1,0:ny+1), w%cu(0:nx+1,0:ny+1), w%cv(0:nx+1,0:ny+1), w%iu(0:nx+1,0:ny+1), &
                w%iv(0:nx+1,0:ny+1), w%iz(0:nx+1,0:ny+1), w%f(0:ny+1), stat=code)
      failed = code /= 0
    end if
    if (failed) then
      status = sw_out_of_memory
      return
    end if
    w%block = 0
    if (w%rotating) then
      w%su = 0
      w%sv = 0
      w%cu = 0
      w%cv = 0
      w%iu = 0
      w%iv = 0
      w%iz = 0
    end if
    w%wet(0:,0:) => w%masks(:,:,1)
    w%mu(0:,0:) => w%masks(:,:,2)
    w%mv(0:,0:) => w%masks(:,:,3)
    w%d(0:,0:) => w%block(:,:,1)
    w%zeta(0:,0:) => w%block(:,:,2)
    w%u(0:,0:) => w%block(:,:,3)
    w%v(0:,0:) => w%block(:,:,4)
    w%dz(0:,0:) => w%block(:,:,5)
    w%un(0:,0:) => w%block(:,:,6)
    w%vn(0:,0:) => w%block(:,:,7)
    w%hu(0:,0:) => w%block(:,:,8)
    w%hv(0:,0:) => w%block(:,:,9)
    w%ce(0:,0:) => w%block(:,:,10)
    w%cn(0:,0:) => w%block(:,:,11)
    w%b(0:,0:) => w%block(:,:,12)
  end subroutine allocate_all

  ! Copies the elevation of wet cells in; what dry cells hold, NaN included, stays outside.
  subroutine load_elevation(p, zeta, w, i_bad, j_bad, status)
    type(sw_parameters), intent(in) :: p
    FIELD, intent(in)               :: zeta(p%nx,p%ny)
    type(workspace), intent(inout), target :: w
    integer, intent(out)           :: i_bad, j_bad, status
    integer :: i, j

    do j = 1, p%ny
      do i = 1, p%nx
        if (w%wet(i,j) > 0) w%zeta(i,j) = zeta(i,j)
      end do
    end do
    call fill_halo(p%nx, p%ny, p%periodic_x, p%periodic_y, w%zeta)
    status = sw_ok
    call find_not_finite(p%nx, p%ny, w%zeta, i_bad, j_bad)
    if (i_bad > 0) status = sw_zeta_not_finite
  end subroutine load_elevation

  ! Copies elevation and the velocities on open faces in.
  subroutine load_state(p, zeta, u, v, w, i_bad, j_bad, status)
    type(sw_parameters), intent(in) :: p
    FIELD, intent(in), dimension(p%nx,p%ny) :: zeta, u, v
    type(workspace), intent(inout), target :: w
    integer, intent(out)           :: i_bad, j_bad, status
    integer :: i, j

    call load_elevation(p, zeta, w, i_bad, j_bad, status)
    if (status /= sw_ok) return
    do j = 1, p%ny
      do i = 1, p%nx
        if (w%mu(i,j) > 0) w%u(i,j) = u(i,j)
        if (w%mv(i,j) > 0) w%v(i,j) = v(i,j)
      end do
    end do
    call fill_halo(p%nx, p%ny, p%periodic_x, p%periodic_y, w%u)
    call fill_halo(p%nx, p%ny, p%periodic_x, p%periodic_y, w%v)
    call find_not_finite(p%nx, p%ny, w%u, i_bad, j_bad)
    if (i_bad == 0) call find_not_finite(p%nx, p%ny, w%v, i_bad, j_bad)
    if (i_bad > 0) status = sw_velocity_not_finite
  end subroutine load_state

  ! Copies the state out; the elevation of dry cells is left as the caller has it.
  subroutine store_state(nx, ny, w, zeta, u, v)
    integer, intent(in)         :: nx, ny
    type(workspace), intent(in), target :: w
    FIELD, intent(inout)        :: zeta(nx,ny), u(nx,ny), v(nx,ny)
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
    FIELD, intent(in)    :: field(0:nx+1,0:ny+1)
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
          if (.not. finite(abs(field(i,j)))) i_bad = i
        end do
        return
      end if
    end do
  end subroutine find_not_finite

  ! Makes the new state the old one.
  pure subroutine accept(zeta, dz, u, un, v, vn)
    FIELD, contiguous, intent(inout), dimension(:,:) :: zeta, u, v
    FIELD, contiguous, intent(in), dimension(:,:)    :: dz, un, vn

    zeta = zeta + dz
    u = un
    v = vn
  end subroutine accept

end module shallow_water_workspace
