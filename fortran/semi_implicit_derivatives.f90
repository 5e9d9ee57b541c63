! Tangent-linear (_tl) and adjoint (_ad) loops of semi_implicit_loops, hand-written, one subroutine per equation.
!
! Only equations that are not linear, or that have to be transposed, are here: continuity, coriolis and
! implicit_velocity are linear in the velocities and serve as their own tangent-linear. Fields are (0:nx+1,0:ny+1) as
! there, and so is their halo; what is read from neighbours has it filled. Adjoint variables of closed faces and dry
! cells are zero on entry and stay zero. Adjoint loops add to their results, in gather form: every result is summed in
! one place, in one order.
! The module shallow_water_derivatives is the only user.
module semi_implicit_derivatives
  use, intrinsic :: iso_fortran_env, only: dp => real64
  implicit none
  private
  public :: face_depths_tl, face_depths_ad, drag_tl, explicit_velocity_ad, wind_tl, wind_ad, coriolis_depth_tl, &
            coriolis_depth_ad, continuity_ad, slope_ad

contains

  ! Tangent-linear of face_depths: h = (zeta + d) averaged to the face; nothing in linear mode.
  subroutine face_depths_tl(nx, ny, linear, mu, mv, zeta_tl, hu_tl, hv_tl)
    integer, intent(in)  :: nx, ny                                    ! number of cells in x and y
    logical, intent(in)  :: linear                                    ! the depth on faces does not depend on zeta
    real(dp), intent(in), dimension(0:nx+1,0:ny+1) :: mu, mv          ! 1 on open east and north faces, else 0
    real(dp), intent(in), dimension(0:nx+1,0:ny+1) :: zeta_tl         ! m
    real(dp), intent(inout), dimension(0:nx+1,0:ny+1) :: hu_tl, hv_tl ! m
    real(dp) :: half
    integer :: i, j

    half = merge(0.0_dp, 0.5_dp, linear)
    do j = 1, ny
      do i = 1, nx
        hu_tl(i,j) = half*mu(i,j)*(zeta_tl(i,j) + zeta_tl(i+1,j))
        hv_tl(i,j) = half*mv(i,j)*(zeta_tl(i,j) + zeta_tl(i,j+1))
      end do
    end do
  end subroutine face_depths_tl

  subroutine face_depths_ad(nx, ny, linear, hu_ad, hv_ad, zeta_ad)
    integer, intent(in)  :: nx, ny
    logical, intent(in)  :: linear
    real(dp), intent(in), dimension(0:nx+1,0:ny+1) :: hu_ad, hv_ad    ! 0 on closed faces
    real(dp), intent(inout), dimension(0:nx+1,0:ny+1) :: zeta_ad
    real(dp) :: half
    integer :: i, j

    half = merge(0.0_dp, 0.5_dp, linear)
    do j = 1, ny
      do i = 1, nx
        zeta_ad(i,j) = zeta_ad(i,j) + half*((hu_ad(i,j) + hu_ad(i-1,j)) + (hv_ad(i,j) + hv_ad(i,j-1)))
      end do
    end do
  end subroutine face_depths_ad

  ! Tangent-linear of the drag -dt*cd/h*u*abs(u), added to an estimate that has everything else.
  ! u*abs(u) has the derivative 2*abs(u), at u = 0 too.
  subroutine drag_tl(nx, ny, dt, cd, m, h, u, h_tl, u_tl, uq_tl)
    integer, intent(in)  :: nx, ny
    real(dp), intent(in) :: dt, cd                                    ! s, drag coefficient
    real(dp), intent(in), dimension(0:nx+1,0:ny+1) :: m, h, u         ! open faces, total depth, m, old velocity, m/s
    real(dp), intent(in), dimension(0:nx+1,0:ny+1) :: h_tl, u_tl      ! m, m/s
    real(dp), intent(inout), dimension(0:nx+1,0:ny+1) :: uq_tl        ! m/s
    real(dp) :: drag, r
    integer :: i, j

    drag = dt*cd
    do j = 1, ny
      do i = 1, nx
        ! closed faces have h = 0: 1 - m keeps the quotient finite there
        r = 1/(h(i,j) + (1 - m(i,j)))
        uq_tl(i,j) = uq_tl(i,j) - m(i,j)*drag*r*abs(u(i,j))*(2*u_tl(i,j) - u(i,j)*r*h_tl(i,j))
      end do
    end do
  end subroutine drag_tl

  ! Adjoint of explicit_velocity without its slope (see slope_ad). Lateral friction is its own transpose.
  subroutine explicit_velocity_ad(nx, ny, dx, dy, dt, cd, r, ah, m, h, u, uq_ad, h_ad, u_ad)
    integer, intent(in)  :: nx, ny
    real(dp), intent(in) :: dx, dy, dt, cd, r, ah                     ! m, m, s, drag coefficient, linear drag in 1/s, m2/s
    real(dp), intent(in), dimension(0:nx+1,0:ny+1) :: m, h, u         ! open faces, total depth, m, old velocity, m/s
    real(dp), intent(in), dimension(0:nx+1,0:ny+1) :: uq_ad           ! 0 on closed faces
    real(dp), intent(inout), dimension(0:nx+1,0:ny+1) :: h_ad, u_ad
    real(dp) :: drag, damp, ax, ay, rh
    integer :: i, j

    drag = dt*cd
    damp = dt*r
    ax = dt*ah/(dx*dx)
    ay = dt*ah/(dy*dy)
    do j = 1, ny
      do i = 1, nx
        rh = 1/(h(i,j) + (1 - m(i,j)))
        u_ad(i,j) = u_ad(i,j) + m(i,j)*(uq_ad(i,j) - (2*drag*rh*abs(u(i,j)) + damp)*uq_ad(i,j) &
                  + ax*((uq_ad(i+1,j) - uq_ad(i,j)) - (uq_ad(i,j) - uq_ad(i-1,j))) &
                  + ay*((uq_ad(i,j+1) - uq_ad(i,j)) - (uq_ad(i,j) - uq_ad(i,j-1))))
        h_ad(i,j) = h_ad(i,j) + drag*rh*rh*u(i,j)*abs(u(i,j))*uq_ad(i,j)
      end do
    end do
  end subroutine explicit_velocity_ad

  ! Tangent-linear of add_wind, dt*x/h, in the depth.
  subroutine wind_tl(nx, ny, dt, m, h, x, h_tl, uq_tl)
    integer, intent(in)  :: nx, ny
    real(dp), intent(in) :: dt                                        ! s
    real(dp), intent(in), dimension(0:nx+1,0:ny+1) :: m, h, x, h_tl   ! open faces, m, stress over density, m2/s2, m
    real(dp), intent(inout), dimension(0:nx+1,0:ny+1) :: uq_tl        ! m/s
    integer :: i, j

    do j = 1, ny
      do i = 1, nx
        uq_tl(i,j) = uq_tl(i,j) - m(i,j)*dt*x(i,j)/(h(i,j) + (1 - m(i,j)))**2*h_tl(i,j)
      end do
    end do
  end subroutine wind_tl

  subroutine wind_ad(nx, ny, dt, m, h, x, uq_ad, h_ad)
    integer, intent(in)  :: nx, ny
    real(dp), intent(in) :: dt
    real(dp), intent(in), dimension(0:nx+1,0:ny+1) :: m, h, x, uq_ad
    real(dp), intent(inout), dimension(0:nx+1,0:ny+1) :: h_ad
    integer :: i, j

    do j = 1, ny
      do i = 1, nx
        h_ad(i,j) = h_ad(i,j) - m(i,j)*dt*x(i,j)/(h(i,j) + (1 - m(i,j)))**2*uq_ad(i,j)
      end do
    end do
  end subroutine wind_ad

  ! Tangent-linear of coriolis in the depth, at fixed velocities: with q = h_tl/(2*h), C(q*u) - q*C(u).
  ! q in cells of the grid only; what it scales has its halo filled by the caller.
  subroutine coriolis_depth_tl(nx, ny, dt, q, c_of_scaled, c, uq_tl)
    integer, intent(in)  :: nx, ny
    real(dp), intent(in) :: dt                                        ! s
    real(dp), intent(in), dimension(0:nx+1,0:ny+1) :: q               ! h_tl/(2*h), 0 on closed faces
    real(dp), intent(in), dimension(0:nx+1,0:ny+1) :: c_of_scaled, c  ! one component of C(q*u) and of C(u), m/s2
    real(dp), intent(inout), dimension(0:nx+1,0:ny+1) :: uq_tl        ! m/s
    integer :: i, j

    do j = 1, ny
      do i = 1, nx
        uq_tl(i,j) = uq_tl(i,j) + dt*(c_of_scaled(i,j) - q(i,j)*c(i,j))
      end do
    end do
  end subroutine coriolis_depth_tl

  ! Its adjoint. With a = -uq_ad/h, and h*C skew, h_ad = dt/2*(u*C(a) + a*C(u)) in each component.
  subroutine coriolis_depth_ad(nx, ny, dt, u, a, c_of_u, c_of_a, h_ad)
    integer, intent(in)  :: nx, ny
    real(dp), intent(in) :: dt                                        ! s
    real(dp), intent(in), dimension(0:nx+1,0:ny+1) :: u, a            ! one component of the velocity, and of a
    real(dp), intent(in), dimension(0:nx+1,0:ny+1) :: c_of_u, c_of_a  ! the same component of C(u) and C(a)
    real(dp), intent(inout), dimension(0:nx+1,0:ny+1) :: h_ad
    integer :: i, j

    do j = 1, ny
      do i = 1, nx
        h_ad(i,j) = h_ad(i,j) + 0.5_dp*dt*(u(i,j)*c_of_a(i,j) + a(i,j)*c_of_u(i,j))
      end do
    end do
  end subroutine coriolis_depth_ad

  ! Adjoint of continuity in the depths and the old velocities of one direction: the flux h*((1-wimp)*u + wimp*un) through
  ! a face leaves one cell and enters the next.
  subroutine continuity_ad(nx, ny, ie, je, ds, dt, wimp, h, u, un, dz_ad, h_ad, u_ad)
    integer, intent(in)  :: nx, ny
    integer, intent(in)  :: ie, je                                    ! neighbour behind the face: (1,0) for u, (0,1) for v
    real(dp), intent(in) :: ds, dt, wimp                              ! m, s, implicitness
    real(dp), intent(in), dimension(0:nx+1,0:ny+1) :: h, u, un        ! m, m/s, all 0 on closed faces
    real(dp), intent(in), dimension(0:nx+1,0:ny+1) :: dz_ad           ! 0 where the elevation is given
    real(dp), intent(inout), dimension(0:nx+1,0:ny+1) :: h_ad, u_ad
    real(dp) :: rs, e, flux_ad
    integer :: i, j

    rs = dt/ds
    e = 1 - wimp
    do j = 1, ny
      do i = 1, nx
        flux_ad = rs*(dz_ad(i+ie,j+je) - dz_ad(i,j))
        h_ad(i,j) = h_ad(i,j) + (e*u(i,j) + wimp*un(i,j))*flux_ad
        u_ad(i,j) = u_ad(i,j) + e*h(i,j)*flux_ad
      end do
    end do
  end subroutine continuity_ad

  ! Adjoint of the slope -dt*g*dzeta/ds in both velocities' estimates.
  subroutine slope_ad(nx, ny, dx, dy, dt, g, u_ad, v_ad, zeta_ad)
    integer, intent(in)  :: nx, ny
    real(dp), intent(in) :: dx, dy, dt, g                             ! m, m, s, m/s2
    real(dp), intent(in), dimension(0:nx+1,0:ny+1) :: u_ad, v_ad      ! 0 on closed faces
    real(dp), intent(inout), dimension(0:nx+1,0:ny+1) :: zeta_ad
    real(dp) :: sx, sy
    integer :: i, j

    sx = dt*g/dx
    sy = dt*g/dy
    do j = 1, ny
      do i = 1, nx
        zeta_ad(i,j) = zeta_ad(i,j) + (sx*(u_ad(i,j) - u_ad(i-1,j)) + sy*(v_ad(i,j) - v_ad(i,j-1)))
      end do
    end do
  end subroutine slope_ad

end module semi_implicit_derivatives
