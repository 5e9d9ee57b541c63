! Stommel's (1948) gyre over a flat bed: linear drag R, f = f0 + beta*(y - L/2), wind tau_x = -tau0*cos(pi*y/L).
! The stream function psi(x)*sin(pi*y/L), u = -dpsi/dy, v = dpsi/dx, has R*(psi'' - (pi/L)**2*psi) + beta*psi'
! = -tau0*pi/(rho*H*L), psi = 0 at both coasts: psi = P*(1 - c1*exp(r1*x) - c2*exp(r2*x)), P = tau0*L/(rho*H*pi*R).
module stommel
  use, intrinsic :: iso_fortran_env, only: dp => real64
  use shallow_water
  use checks
  implicit none
  private
  public :: gyre, new_gyre, stream, slope, surface

  real(dp), parameter, public :: tau0 = 0.1_dp, depth_of_gyre = 100  ! N/m2, m

  type :: gyre
    type(sw_parameters) :: p
    real(dp) :: root(2), c(2), scale, length
  end type gyre

contains

  pure type(gyre) function new_gyre(p)
    type(sw_parameters), intent(in) :: p

    associate (g => new_gyre, r => p%linear_drag)
      g%p = p
      g%length = p%ny*p%dy
      g%scale = tau0*g%length/(p%density*depth_of_gyre*pi*r)
      g%root = 0.5_dp*(-p%beta/r + [1, -1]*sqrt((p%beta/r)**2 + 4*(pi/g%length)**2))
      g%c(1) = (1 - exp(g%root(2)*g%length))/(exp(g%root(1)*g%length) - exp(g%root(2)*g%length))
      g%c(2) = 1 - g%c(1)
    end associate
  end function new_gyre

  ! psi, m2/s
  pure real(dp) function stream(g, x)
    type(gyre), intent(in) :: g
    real(dp), intent(in)   :: x
    stream = g%scale*(1 - sum(g%c*exp(g%root*x)))
  end function stream

  ! dpsi/dx, m/s
  pure real(dp) function slope(g, x)
    type(gyre), intent(in) :: g
    real(dp), intent(in)   :: x
    slope = -g%scale*sum(g%c*g%root*exp(g%root*x))
  end function slope

  ! Elevation up to a constant, m: from g*dzeta/dy = -f*u - R*v along y, and along the southern coast from
  ! g*dzeta/dx = tau_x/(rho*H) - R*u.
  pure real(dp) function surface(g, x, y)
    type(gyre), intent(in) :: g
    real(dp), intent(in)   :: x, y
    real(dp) :: f, l, north, coast

    l = g%length/pi
    f = g%p%coriolis + g%p%beta*(y - g%length/2)
    north = stream(g, x)*(f*sin(y/l) + g%p%beta*l*(cos(y/l) - 1)) + g%p%linear_drag*slope(g, x)*l*(cos(y/l) - 1)
    coast = g%p%linear_drag/l*g%scale*(x - sum(g%c*exp(g%root*x)/g%root)) - tau0/(g%p%density*depth_of_gyre)*x
    surface = (north + coast)/g%p%gravity
  end function surface

end module stommel

! Solutions of the differential equations that the model must approach with second order in space and time.
program test_convergence
  use, intrinsic :: iso_fortran_env, only: dp => real64
  use shallow_water
  use checks
  use stommel
  implicit none

  type(tally) :: t
  integer, parameter :: refinements = 3

  call kelvin_wave
  call stommel_gyre
  call finish(t)

contains

  ! In a channel along x, zeta = exp(-y/a)*cos(k*x - omega*t), u = sqrt(g/H)*zeta, v = 0, omega = k*sqrt(g*H) and
  ! a = sqrt(g*H)/f, the wall at y = 0 on its right. Once around the periodic channel, errors of zeta, u and v relative.
  subroutine kelvin_wave
    real(dp), parameter :: length = 8.0e5_dp, depth_of_all = 40.0_dp, f = 1.0e-4_dp
    real(dp), allocatable, dimension(:,:) :: depth, zeta, u, v, z0, u0
    type(sw_parameters) :: p
    real(dp) :: error(refinements), speed, k, a
    integer :: i, j, n, r

    do r = 1, refinements
      n = 10*2**r
      p = sw_parameters(nx=n, ny=n/2, dx=length/n, dy=length/n, cd=0.0_dp, ah=0.0_dp, coriolis=f, linear=.true., periodic_x=.true.)
      speed = sqrt(p%gravity*depth_of_all)
      a = speed/f
      k = 2*pi/length
      p%dt = length/speed/(2*n)
      allocate (depth(n,n/2), source=depth_of_all)
      allocate (zeta, u, v, z0, u0, mold=depth)
      do j = 1, p%ny
        do i = 1, p%nx
          zeta(i,j) = exp(-(j - 0.5_dp)*p%dy/a)*cos(k*(i - 0.5_dp)*p%dx)
          u(i,j) = sqrt(p%gravity/depth_of_all)*exp(-(j - 0.5_dp)*p%dy/a)*cos(k*i*p%dx)
        end do
      end do
      v = 0
      z0 = zeta
      u0 = u
      call advance(p, depth, zeta, u, v, 2*n)
      error(r) = sqrt((sum(p%gravity*(zeta - z0)**2) + sum(depth*((u - u0)**2 + v**2)))/sum(p%gravity*z0**2 + depth*u0**2))
      deallocate (depth, zeta, u, v, z0, u0)
    end do
    call check_order(t, 'Kelvin wave once around, 20, 40, 80 cells', error, 1.8_dp)
  end subroutine kelvin_wave

  ! Its steady state does not depend on dt and wimp; long steps at w = 1 reach it soon.
  subroutine stommel_gyre
    real(dp), parameter :: length = 1.0e6_dp
    type(gyre) :: g
    real(dp), allocatable, dimension(:,:) :: depth, zeta, u, v, z0, u0, v0
    real(dp), allocatable, target :: wind(:,:,:), calm(:,:,:)
    real(dp), target :: time(1)
    type(sw_parameters) :: p
    type(sw_forcing) :: forcing
    real(dp) :: error_zeta(refinements), error_flow(refinements)
    integer :: i, j, n, k

    time = 0
    do k = 1, refinements
      n = 10*2**k
      p = sw_parameters(nx=n, ny=n, dx=length/n, dy=length/n, dt=40000.0_dp, wimp=1.0_dp, cd=0.0_dp, ah=0.0_dp, &
                        linear_drag=2.5e-6_dp, coriolis=1.0e-5_dp, beta=2.0e-11_dp, linear=.true.)
      g = new_gyre(p)
      allocate (depth(n,n), source=depth_of_gyre)
      allocate (zeta(n,n), u(n,n), v(n,n), source=0.0_dp)
      allocate (z0, u0, v0, mold=depth)
      allocate (wind(n,n,1), calm(n,n,1), source=0.0_dp)
      do j = 1, n
        wind(:,j,1) = -tau0*cos(pi*(j - 0.5_dp)/n)
        do i = 1, n
          u0(i,j) = -pi/length*stream(g, i*p%dx)*cos(pi*(j - 0.5_dp)/n)
          v0(i,j) = slope(g, (i - 0.5_dp)*p%dx)*sin(pi*j/n)
          z0(i,j) = surface(g, (i - 0.5_dp)*p%dx, (j - 0.5_dp)*p%dy)
        end do
      end do
      z0 = z0 - sum(z0)/n**2
      forcing%wind_time => time
      forcing%wind_x => wind
      forcing%wind_y => calm
      call advance(p, depth, zeta, u, v, 150, forcing)
      u0(n,:) = 0
      v0(:,n) = 0
      error_zeta(k) = norm2(zeta - z0)/norm2(z0)
      error_flow(k) = sqrt(sum((u - u0)**2 + (v - v0)**2)/sum(u0**2 + v0**2))
      deallocate (depth, zeta, u, v, z0, u0, v0, wind, calm)
    end do
    call check_order(t, 'Stommel gyre, 20, 40, 80 cells, elevation', error_zeta, 1.8_dp)
    call check_order(t, 'Stommel gyre, velocity', error_flow, 1.8_dp)
  end subroutine stommel_gyre

end program test_convergence
