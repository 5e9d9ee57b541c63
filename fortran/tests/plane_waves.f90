! Exact solutions of the discrete model: plane waves over a flat bed, with rotation or without.
!
! Linear and without friction a step is x' - x = dt*L*(wimp*x' + (1-wimp)*x), so that eigenvectors of L, the model's own
! differences, only change their phase and size. Put
!   zeta = exp(i*(k*x + l*y)), u = U*exp(..), v = V*exp(..), each where it sits on the C grid, and L = i*sigma.
! Differences become factors kx = 2/dx*sin(k*dx/2), ky alike; the mean over four neighbours c = cos(k*dx/2)*cos(l*dy/2):
!   i*sigma = -H*(i*kx*U + i*ky*V),  i*sigma*U = f*c*V - i*g*kx,  i*sigma*V = -f*c*U - i*g*ky.
! The last two give U and V, with the determinant f**2*c**2 - sigma**2; the first then leaves
!   sigma**2 = f**2*c**2 + g*H*(kx**2 + ky**2), inertia-gravity waves in two directions, or
!   sigma = 0, the geostrophic mode (f*c /= 0), which a step must not change at all.
! A step multiplies by lambda = (1 + i*(1-wimp)*dt*sigma)/(1 - i*wimp*dt*sigma).
! Between walls along x, one at y = 0, the sum of the waves of l and -l is meant; it needs f = 0.
module plane_waves
  use, intrinsic :: iso_fortran_env, only: dp => real64
  use shallow_water
  use checks
  implicit none
  private
  public :: plane_wave, lambda, wave_fields

  ! The eigenvector and its frequency.
  type :: plane_wave
    real(dp)    :: k = 0, l = 0        ! wave numbers, 1/m
    real(dp)    :: sigma = 0           ! frequency, rad/s
    complex(dp) :: big_u = 0, big_v = 0
    logical     :: walls = .false.     ! at y = 0 and y = ny*dy
  end type plane_wave

  interface plane_wave
    procedure new_wave
  end interface plane_wave

contains

  ! The wave with kn, ln periods over the grid (ln half ones between walls); branch 0: geostrophic, -1 or 1: the sign
  ! of sigma.
  pure function new_wave(p, depth, kn, ln, branch) result(m)
    type(sw_parameters), intent(in) :: p
    real(dp), intent(in) :: depth
    integer, intent(in)  :: kn, ln, branch
    type(plane_wave) :: m
    real(dp) :: kx, ky, fc, det
    complex(dp), parameter :: i = (0.0_dp, 1.0_dp)

    m%walls = .not. p%periodic_y
    m%k = 2*pi*kn/(p%nx*p%dx)
    m%l = merge(pi, 2*pi, m%walls)*ln/(p%ny*p%dy)
    kx = 2/p%dx*sin(m%k*p%dx/2)
    ky = 2/p%dy*sin(m%l*p%dy/2)
    fc = p%coriolis*cos(m%k*p%dx/2)*cos(m%l*p%dy/2)
    m%sigma = branch*sqrt(fc**2 + p%gravity*depth*(kx**2 + ky**2))
    det = fc**2 - m%sigma**2
    m%big_u = (m%sigma*kx - i*fc*ky)*p%gravity/det
    m%big_v = (m%sigma*ky + i*fc*kx)*p%gravity/det
  end function new_wave

  ! The factor of one step.
  pure complex(dp) function lambda(p, m)
    type(sw_parameters), intent(in) :: p
    type(plane_wave), intent(in)    :: m

    lambda = cmplx(1.0_dp, (1 - p%wimp)*p%dt*m%sigma, dp)/cmplx(1.0_dp, -p%wimp*p%dt*m%sigma, dp)
  end function lambda

  ! The real part of factor times the wave.
  pure subroutine wave_fields(p, m, factor, zeta, u, v)
    type(sw_parameters), intent(in) :: p
    type(plane_wave), intent(in)    :: m
    complex(dp), intent(in)         :: factor
    real(dp), intent(out), dimension(p%nx,p%ny) :: zeta, u, v
    integer :: i, j

    do j = 1, p%ny
      do i = 1, p%nx
        zeta(i,j) = real(factor*at(i - 0.5_dp, j - 0.5_dp, 1), dp)
        u(i,j) = real(factor*m%big_u*at(1.0_dp*i, j - 0.5_dp, 1), dp)
        v(i,j) = real(factor*m%big_v*at(i - 0.5_dp, 1.0_dp*j, -1), dp)
      end do
    end do
    if (m%walls) v(:,p%ny) = 0

  contains

    pure complex(dp) function at(x, y, sign_of_image)
      real(dp), intent(in) :: x, y           ! in cells
      integer, intent(in)  :: sign_of_image  ! of the wave of -l between walls

      at = exp(cmplx(0.0_dp, m%k*x*p%dx + m%l*y*p%dy, dp))
      if (m%walls) at = at + sign_of_image*exp(cmplx(0.0_dp, m%k*x*p%dx - m%l*y*p%dy, dp))
    end function at

  end subroutine wave_fields

end module plane_waves
