! The loops of the semi-implicit shallow-water step (Backhaus 1983), one subroutine per equation.
!
! All fields are (0:nx+1,0:ny+1): a halo, of closed, dry cells or of those at the other side of a periodic grid, lets
! every loop run without branches. Face fields hold the east face (u, hu, ...) or the north face (v, hv, ...) of cell
! (i,j); on closed faces they are zero. Loops write cells of the grid only: fill_halo is for what neighbours read next.
! FIELD is real or complex, see scalar.h.
#include "scalar.h"
module semi_implicit_loops
  use, intrinsic :: iso_fortran_env, only: dp => real64, int64
  implicit none
  private
  public :: fill_halo, face_depths, stencil_coefficients, explicit_velocity, add_wind, coriolis, continuity, implicit_velocity, &
            add_field

contains

  ! Copies the edges of a periodic direction to the halo beyond the opposite edge.
  pure subroutine fill_halo(nx, ny, periodic_x, periodic_y, field)
    integer, intent(in)  :: nx, ny                              ! number of cells in x and y
    logical, intent(in)  :: periodic_x, periodic_y
    FIELD, intent(inout) :: field(0:nx+1,0:ny+1)

    if (periodic_x) then
      field(0,:) = field(nx,:)
      field(nx+1,:) = field(1,:)
    end if
    if (periodic_y) then
      field(:,0) = field(:,ny)
      field(:,ny+1) = field(:,1)
    end if
  end subroutine fill_halo

  ! Total depth on open faces at the old time: the mean of the two cells, 0 on closed faces.
  ! broken counts the open faces without water, where the scheme ends (no wetting and drying).
  subroutine face_depths(nx, ny, linear, d, zeta, mu, mv, hu, hv, broken)
    integer, intent(in)  :: nx, ny                              ! number of cells in x and y
    logical, intent(in)  :: linear                              ! take the undisturbed depth d instead of zeta + d
    FIELD, intent(in), dimension(0:nx+1,0:ny+1) :: d, zeta      ! undisturbed depth and elevation, m, 0 where dry
    real(dp), intent(in), dimension(0:nx+1,0:ny+1) :: mu, mv    ! 1 on open east and north faces, else 0
    FIELD, intent(inout), dimension(0:nx+1,0:ny+1) :: hu, hv    ! total depth on east and north faces, m
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
        broken = broken + merge(0_int64, 1_int64, real(hu(i,j), dp) > mu(i,j) - 1) &
               + merge(0_int64, 1_int64, real(hv(i,j), dp) > mv(i,j) - 1)
      end do
    end do
  end subroutine face_depths

  ! Off-diagonal coefficients of the elevation system; cw(i,j) = ce(i-1,j), cs(i,j) = cn(i,j-1).
  subroutine stencil_coefficients(nx, ny, dx, dy, dt, g, wimp, hu, hv, ce, cn)
    integer, intent(in)  :: nx, ny
    real(dp), intent(in) :: dx, dy, dt, g, wimp                 ! m, m, s, m/s2, implicitness
    FIELD, intent(in), dimension(0:nx+1,0:ny+1) :: hu, hv       ! total depth on faces, m
    FIELD, intent(inout), dimension(0:nx+1,0:ny+1) :: ce, cn    ! couplings to the east and north, dimensionless
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

  ! First estimate of one new velocity component: drag, the old pressure gradient in full, lateral friction.
  !   uq = u - dt*cd/h*u*abs(u) - dt*r*u - dt*g*dzeta/ds + dt*ah*(d2u/dx2 + d2u/dy2)
  subroutine explicit_velocity(nx, ny, ie, je, ds, dx, dy, dt, g, cd, r, ah, m, h, zeta, u, uq)
    integer, intent(in)  :: nx, ny
    integer, intent(in)  :: ie, je                              ! neighbour behind the face: (1,0) for u, (0,1) for v
    real(dp), intent(in) :: ds, dx, dy                          ! spacing across the face, grid spacing, m
    real(dp), intent(in) :: dt, g, cd, r, ah                    ! s, m/s2, quadratic drag, linear drag in 1/s, m2/s
    real(dp), intent(in), dimension(0:nx+1,0:ny+1) :: m         ! 1 on open faces, else 0
    FIELD, intent(in), dimension(0:nx+1,0:ny+1) :: h            ! total depth on faces, m, 0 where closed
    FIELD, intent(in), dimension(0:nx+1,0:ny+1) :: zeta, u      ! old elevation, m, and velocity, m/s
    FIELD, intent(inout), dimension(0:nx+1,0:ny+1) :: uq        ! estimated velocity, m/s
    real(dp) :: drag, damp, slope, ax, ay
    integer :: i, j

    drag = dt*cd
    damp = dt*r
    slope = dt*g/ds
    ax = dt*ah/(dx*dx)
    ay = dt*ah/(dy*dy)
    do j = 1, ny
      do i = 1, nx
        ! closed faces have h = 0: 1 - m keeps the quotient finite there
        uq(i,j) = m(i,j)*(u(i,j) - drag/(h(i,j) + (1 - m(i,j)))*u(i,j)*absolute(u(i,j)) - damp*u(i,j) &
                - slope*(zeta(i+ie,j+je) - zeta(i,j)) &
                + ax*((u(i+1,j) - u(i,j)) - (u(i,j) - u(i-1,j))) &
                + ay*((u(i,j+1) - u(i,j)) - (u(i,j) - u(i,j-1))))
      end do
    end do
  end subroutine explicit_velocity

  ! Adds the wind to one estimated velocity component:
  !   uq = uq + dt*x/h
  subroutine add_wind(nx, ny, dt, m, h, x, uq)
    integer, intent(in)  :: nx, ny
    real(dp), intent(in) :: dt                                  ! s
    real(dp), intent(in), dimension(0:nx+1,0:ny+1) :: m, x      ! 1 on open faces, else 0; stress over density on faces, m2/s2
    FIELD, intent(in), dimension(0:nx+1,0:ny+1) :: h            ! total depth on faces, m, 0 where closed
    FIELD, intent(inout), dimension(0:nx+1,0:ny+1) :: uq        ! estimated velocity, m/s
    integer :: i, j

    do j = 1, ny
      do i = 1, nx
        uq(i,j) = uq(i,j) + m(i,j)*dt*x(i,j)/(h(i,j) + (1 - m(i,j)))
      end do
    end do
  end subroutine add_wind

  ! A factor times the Coriolis acceleration of both velocity components, cu for u from v, and cv for v from u:
  !   cu = factor*f/4*sum(sqrt(hv/hu)*v),  cv = -factor*f/4*sum(sqrt(hu/hv)*u)
  ! over the four neighbours of the other component, f in the cell that the two share. With this weight a pair of faces
  ! exchanges what energy they exchange, sum(hu*u*cu + hv*v*cv) = 0, over any bed. (With plain means it does not, and
  ! rough beds make waves grow, about 1e-4 a step.) Hence, with h*C the operator: its transpose is -h*C.
  subroutine coriolis(nx, ny, factor, f, mu, mv, su, sv, u, v, cu, cv)
    integer, intent(in)  :: nx, ny
    real(dp), intent(in) :: factor                              ! 1 for accelerations, in s for changes of velocity
    real(dp), intent(in) :: f(0:ny+1)                           ! Coriolis parameter of each row of cells, 1/s
    real(dp), intent(in), dimension(0:nx+1,0:ny+1) :: mu, mv    ! 1 on open faces, else 0
    FIELD, intent(in), dimension(0:nx+1,0:ny+1) :: su, sv       ! square roots of total depth on faces, 0 where closed
    FIELD, intent(in), dimension(0:nx+1,0:ny+1) :: u, v         ! velocities, m/s
    FIELD, intent(inout), dimension(0:nx+1,0:ny+1) :: cu, cv    ! out: accelerations, m/s2, times the factor
    real(dp) :: quarter
    integer :: i, j

    quarter = 0.25_dp*factor
    do j = 1, ny
      do i = 1, nx
        cu(i,j) = quarter*mu(i,j)/(su(i,j) + (1 - mu(i,j)))*f(j) &
                *((sv(i,j)*v(i,j) + sv(i,j-1)*v(i,j-1)) + (sv(i+1,j)*v(i+1,j) + sv(i+1,j-1)*v(i+1,j-1)))
        cv(i,j) = -quarter*mv(i,j)/(sv(i,j) + (1 - mv(i,j))) &
                *(f(j)*(su(i,j)*u(i,j) + su(i-1,j)*u(i-1,j)) + f(j+1)*(su(i,j+1)*u(i,j+1) + su(i-1,j+1)*u(i-1,j+1)))
      end do
    end do
  end subroutine coriolis

  ! Change of elevation in dt by the fluxes h*(old*u + new*un):
  !   dz = -dt*(d(hu*(old*u + new*un))/dx + d(hv*(old*v + new*vn))/dy)
  ! With the estimated velocities as new ones this is the right-hand side of the elevation system; with the final ones
  ! it is the change itself, whose sum over wet cells vanishes to rounding.
  subroutine continuity(nx, ny, dx, dy, dt, old, new, hu, hv, u, v, un, vn, dz)
    integer, intent(in)  :: nx, ny
    real(dp), intent(in) :: dx, dy, dt                          ! m, m, s
    real(dp), intent(in) :: old, new                            ! weights of the velocities, in a step 1 - wimp and wimp
    FIELD, intent(in), dimension(0:nx+1,0:ny+1) :: hu, hv       ! total depth on faces, m, 0 where closed
    FIELD, intent(in), dimension(0:nx+1,0:ny+1) :: u, v         ! old velocities, m/s
    FIELD, intent(in), dimension(0:nx+1,0:ny+1) :: un, vn       ! new velocities, m/s
    FIELD, intent(inout), dimension(0:nx+1,0:ny+1) :: dz        ! change of elevation, m
    real(dp) :: rx, ry
    integer :: i, j

    rx = dt/dx
    ry = dt/dy
    do j = 1, ny
      do i = 1, nx
        dz(i,j) = -(rx*(hu(i,j)*(old*u(i,j) + new*un(i,j)) - hu(i-1,j)*(old*u(i-1,j) + new*un(i-1,j))) &
                +   ry*(hv(i,j)*(old*v(i,j) + new*vn(i,j)) - hv(i,j-1)*(old*v(i,j-1) + new*vn(i,j-1))))
      end do
    end do
  end subroutine continuity

  ! Corrects one velocity component for the change dz of elevation, in place:
  !   u = uq - wimp*dt*g*d(dz)/ds on open faces
  subroutine implicit_velocity(nx, ny, ie, je, ds, dt, g, wimp, m, dz, u)
    integer, intent(in)  :: nx, ny
    integer, intent(in)  :: ie, je                              ! neighbour behind the face: (1,0) for u, (0,1) for v
    real(dp), intent(in) :: ds, dt, g, wimp                     ! m, s, m/s2, implicitness
    real(dp), intent(in), dimension(0:nx+1,0:ny+1) :: m         ! 1 on open faces, else 0
    FIELD, intent(in), dimension(0:nx+1,0:ny+1) :: dz           ! change of elevation, m
    FIELD, intent(inout), dimension(0:nx+1,0:ny+1) :: u         ! in: estimated velocity; out: new velocity, m/s
    real(dp) :: slope
    integer :: i, j

    slope = wimp*dt*g/ds
    do j = 1, ny
      do i = 1, nx
        u(i,j) = u(i,j) - slope*m(i,j)*(dz(i+ie,j+je) - dz(i,j))
      end do
    end do
  end subroutine implicit_velocity

  ! total = total + part
  subroutine add_field(nx, ny, part, total)
    integer, intent(in)  :: nx, ny
    FIELD, intent(in)    :: part(0:nx+1,0:ny+1)
    FIELD, intent(inout) :: total(0:nx+1,0:ny+1)
    integer :: i, j

    do j = 1, ny
      do i = 1, nx
        total(i,j) = total(i,j) + part(i,j)
      end do
    end do
  end subroutine add_field

  ! abs(x), analytic but at 0.
  elemental function absolute(x)
    FIELD, intent(in) :: x
    FIELD :: absolute

#ifdef COMPLEX_STEP
    absolute = sign(1.0_dp, real(x, dp))*x
#else
    absolute = abs(x)
#endif
  end function absolute

end module semi_implicit_loops
