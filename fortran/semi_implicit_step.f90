! The loops of the semi-implicit shallow-water step (Backhaus 1983), one subroutine per equation.
!
! All fields are (0:nx+1,0:ny+1): a halo of closed, dry cells lets every loop run without branches. Face fields hold
! the east face (u, hu, ...) or the north face (v, hv, ...) of cell (i,j); on closed faces they are zero.
! The driver, and the only user, is the module shallow_water.
module semi_implicit_step
  use, intrinsic :: iso_fortran_env, only: dp => real64, int64
  implicit none
  private
  public :: face_depths, stencil_coefficients, explicit_velocity, continuity, implicit_velocity

contains

  ! Total depth on open faces at the old time: the mean of the two cells, 0 on closed faces.
  ! broken counts the open faces without water, where the scheme ends (no wetting and drying).
  subroutine face_depths(nx, ny, linear, d, zeta, mu, mv, hu, hv, broken)
    integer, intent(in)  :: nx, ny                              ! number of cells in x and y
    logical, intent(in)  :: linear                              ! take the undisturbed depth d instead of zeta + d
    real(dp), intent(in), dimension(0:nx+1,0:ny+1) :: d, zeta   ! undisturbed depth and elevation, m, 0 where dry
    real(dp), intent(in), dimension(0:nx+1,0:ny+1) :: mu, mv    ! 1 on open east and north faces, else 0
    real(dp), intent(inout), dimension(0:nx+1,0:ny+1) :: hu, hv ! total depth on east and north faces, m
    integer(int64), intent(out) :: broken                       ! as wide as the reals, to vectorise
    real(dp) :: moving
    integer :: i, j

    moving = merge(0.0_dp, 1.0_dp, linear)
    broken = 0
    do j = 1, ny
      do i = 1, nx
        hu(i,j) = 0.5_dp*mu(i,j)*((moving*zeta(i,j) + d(i,j)) + (moving*zeta(i+1,j) + d(i+1,j)))
        hv(i,j) = 0.5_dp*mv(i,j)*((moving*zeta(i,j) + d(i,j)) + (moving*zeta(i,j+1) + d(i,j+1)))
        ! written so that a NaN counts
        broken = broken + merge(0_int64, 1_int64, hu(i,j) > mu(i,j) - 1) + merge(0_int64, 1_int64, hv(i,j) > mv(i,j) - 1)
      end do
    end do
  end subroutine face_depths

  ! Off-diagonal coefficients of the elevation system; cw(i,j) = ce(i-1,j), cs(i,j) = cn(i,j-1).
  subroutine stencil_coefficients(nx, ny, dx, dy, dt, g, wimp, hu, hv, ce, cn)
    integer, intent(in)  :: nx, ny
    real(dp), intent(in) :: dx, dy, dt, g, wimp                 ! m, m, s, m/s2, implicitness
    real(dp), intent(in), dimension(0:nx+1,0:ny+1) :: hu, hv    ! total depth on faces, m
    real(dp), intent(inout), dimension(0:nx+1,0:ny+1) :: ce, cn ! couplings to the east and north, dimensionless
    real(dp) :: fx, fy
    integer :: i, j

    fx = dt*dt*wimp*wimp*g/(dx*dx)
    fy = dt*dt*wimp*wimp*g/(dy*dy)
    do j = 1, ny
      do i = 1, nx
        ce(i,j) = fx*hu(i,j)
        cn(i,j) = fy*hv(i,j)
      end do
    end do
  end subroutine stencil_coefficients

  ! First estimate of one new velocity component: quadratic drag, the old pressure gradient in full, lateral friction.
  !   uq = u - dt*cd/h*u*abs(u) - dt*g*dzeta/ds + dt*ah*(d2u/dx2 + d2u/dy2)
  subroutine explicit_velocity(nx, ny, ie, je, ds, dx, dy, dt, g, cd, ah, m, h, zeta, u, uq)
    integer, intent(in)  :: nx, ny
    integer, intent(in)  :: ie, je                              ! neighbour behind the face: (1,0) for u, (0,1) for v
    real(dp), intent(in) :: ds, dx, dy                          ! spacing across the face, grid spacing, m
    real(dp), intent(in) :: dt, g, cd, ah                       ! s, m/s2, drag coefficient, m2/s
    real(dp), intent(in), dimension(0:nx+1,0:ny+1) :: m         ! 1 on open faces, else 0
    real(dp), intent(in), dimension(0:nx+1,0:ny+1) :: h         ! total depth on faces, m, 0 where closed
    real(dp), intent(in), dimension(0:nx+1,0:ny+1) :: zeta, u   ! old elevation, m, and velocity, m/s
    real(dp), intent(inout), dimension(0:nx+1,0:ny+1) :: uq     ! estimated velocity, m/s
    real(dp) :: drag, slope, ax, ay
    integer :: i, j

    drag = dt*cd
    slope = dt*g/ds
    ax = dt*ah/(dx*dx)
    ay = dt*ah/(dy*dy)
    do j = 1, ny
      do i = 1, nx
        ! closed faces have h = 0: 1 - m keeps the quotient finite there
        uq(i,j) = m(i,j)*(u(i,j) - drag/(h(i,j) + (1 - m(i,j)))*u(i,j)*abs(u(i,j)) &
                - slope*(zeta(i+ie,j+je) - zeta(i,j)) &
                + ax*((u(i+1,j) - u(i,j)) - (u(i,j) - u(i-1,j))) &
                + ay*((u(i,j+1) - u(i,j)) - (u(i,j) - u(i,j-1))))
      end do
    end do
  end subroutine explicit_velocity

  ! Change of elevation in dt by the fluxes h*((1-wimp)*old + wimp*new):
  !   dz = -dt*(d(hu*((1-wimp)*u + wimp*un))/dx + d(hv*((1-wimp)*v + wimp*vn))/dy)
  ! With the estimated velocities as new ones this is the right-hand side of the elevation system; with the final ones
  ! it is the change itself, whose sum over wet cells vanishes to rounding.
  subroutine continuity(nx, ny, dx, dy, dt, wimp, hu, hv, u, v, un, vn, dz)
    integer, intent(in)  :: nx, ny
    real(dp), intent(in) :: dx, dy, dt, wimp                    ! m, m, s, implicitness
    real(dp), intent(in), dimension(0:nx+1,0:ny+1) :: hu, hv    ! total depth on faces, m, 0 where closed
    real(dp), intent(in), dimension(0:nx+1,0:ny+1) :: u, v      ! old velocities, m/s
    real(dp), intent(in), dimension(0:nx+1,0:ny+1) :: un, vn    ! new velocities, m/s
    real(dp), intent(inout), dimension(0:nx+1,0:ny+1) :: dz     ! change of elevation, m
    real(dp) :: rx, ry, e
    integer :: i, j

    rx = dt/dx
    ry = dt/dy
    e = 1 - wimp
    do j = 1, ny
      do i = 1, nx
        dz(i,j) = -(rx*(hu(i,j)*(e*u(i,j) + wimp*un(i,j)) - hu(i-1,j)*(e*u(i-1,j) + wimp*un(i-1,j))) &
                +   ry*(hv(i,j)*(e*v(i,j) + wimp*vn(i,j)) - hv(i,j-1)*(e*v(i,j-1) + wimp*vn(i,j-1))))
      end do
    end do
  end subroutine continuity

  ! Corrects one velocity component for the change dz of elevation, in place:
  !   u = uq - wimp*dt*g*d(dz)/ds on open faces
  subroutine implicit_velocity(nx, ny, ie, je, ds, dt, g, wimp, m, dz, u)
    integer, intent(in)  :: nx, ny
    integer, intent(in)  :: ie, je                              ! neighbour behind the face: (1,0) for u, (0,1) for v
    real(dp), intent(in) :: ds, dt, g, wimp                     ! m, s, m/s2, implicitness
    real(dp), intent(in), dimension(0:nx+1,0:ny+1) :: m, dz     ! 1 on open faces, else 0; change of elevation, m
    real(dp), intent(inout), dimension(0:nx+1,0:ny+1) :: u      ! in: estimated velocity; out: new velocity, m/s
    real(dp) :: slope
    integer :: i, j

    slope = wimp*dt*g/ds
    do j = 1, ny
      do i = 1, nx
        u(i,j) = u(i,j) - slope*m(i,j)*(dz(i+ie,j+je) - dz(i,j))
      end do
    end do
  end subroutine implicit_velocity

end module semi_implicit_step
