! Gravity waves without rotation: exact discrete solutions in closed and periodic boxes, accuracy, and what wimp < 0.5 does.
program test_waves
  use, intrinsic :: iso_fortran_env, only: dp => real64
  use shallow_water
  use checks
  use plane_waves
  implicit none

  type(tally) :: t
  integer :: c, k
  real(dp), parameter :: weights(4) = [0.5_dp, 0.55_dp, 0.6_dp, 1.0_dp], courant(4) = [0.3_dp, 1.8_dp, 6.0_dp, 20.0_dp]

  do k = 1, size(weights)
    do c = 1, size(courant)
      call standing_wave(weights(k), courant(c))
    end do
  end do
  ! even sides: two colours; an odd side: the solver for grids without them
  call travelling_wave('both periodic, 20 x 16', 20, 16, .true.)
  call travelling_wave('both periodic, 21 x 16', 21, 16, .true.)
  call travelling_wave('both periodic, 20 x 15', 20, 15, .true.)
  call travelling_wave('both periodic, 21 x 15', 21, 15, .true.)
  call travelling_wave('x periodic, 20 x 15', 20, 15, .false.)
  call travelling_wave('x periodic, 21 x 16', 21, 16, .false.)
  call standing_wave_of_thetis(10, 0.02_dp)
  call standing_wave_of_thetis(20, 5.0e-3_dp)
  call standing_wave_of_thetis(40, 1.25e-3_dp)
  call too_explicit
  call finish(t)

contains

  ! In a closed flat box zeta = cos(kx)*cos(ly) keeps its shape; its amplitude after n steps is |lambda|**n * cos(n*phase)
  ! with |lambda|**2 = (1 + (1-w)**2*s**2)/(1 + w**2*s**2), phase = atan(w*s) + atan((1-w)*s), s = dt*sqrt(g*H)*K.
  ! A rounding of zeta enters the fluxes Courant**2 times larger and adds up over the steps: hence fewer long ones. (At
  ! w = 0.5, which damps no rounding, 40 steps of Courant 20 reach 4e-13 .. 1.1e-12 over beds of 7 .. 50 m.)
  subroutine standing_wave(w, courant_number)
    real(dp), intent(in) :: w, courant_number
    integer, parameter :: nx = 24, ny = 17
    real(dp), dimension(nx,ny) :: depth, zeta, u, v, shape
    type(sw_parameters) :: p
    real(dp) :: a, b, kk, s, amplitude, phase, worst
    character(len=80) :: name
    integer :: i, j, n, step

    p = sw_parameters(nx=nx, ny=ny, dx=1000.0_dp, dy=700.0_dp, wimp=w, cd=0.0_dp, ah=0.0_dp, tolerance=1.0e-15_dp, linear=.true.)
    depth = 20
    p%dt = courant_number*p%dy/sqrt(p%gravity*20)
    a = 2*pi/nx
    b = 3*pi/ny
    do j = 1, ny
      do i = 1, nx
        shape(i,j) = cos(a*(i - 0.5_dp))*cos(b*(j - 0.5_dp))
      end do
    end do
    kk = sqrt((2/p%dx*sin(a/2))**2 + (2/p%dy*sin(b/2))**2)
    s = p%dt*sqrt(p%gravity*20)*kk
    amplitude = sqrt((1 + (1 - w)**2*s**2)/(1 + w**2*s**2))
    phase = atan(w*s) + atan((1 - w)*s)
    zeta = shape
    u = 0
    v = 0
    n = merge(20, 40, courant_number > 10)
    worst = 0
    do step = 1, n
      call advance(p, depth, zeta, u, v, 1)
      worst = max(worst, norm2(zeta - amplitude**step*cos(step*phase)*shape)/norm2(shape))
    end do
    if (.not. all(abs(zeta) < 2)) worst = huge(worst)  ! a NaN is lost in max
    write (name, '(a,f4.2,a,f4.1,a,i0,a)') 'standing wave, w = ', w, ', Courant ', courant_number, ', ', n, ' steps: relative error'
    call check_at_most(t, trim(name), worst, 1.0e-12_dp)
  end subroutine standing_wave

  ! Plane waves of both directions in one run; dx /= dy.
  subroutine travelling_wave(name, nx, ny, periodic_y)
    character(len=*), intent(in) :: name
    integer, intent(in) :: nx, ny
    logical, intent(in) :: periodic_y
    integer, parameter :: n = 40
    real(dp), dimension(nx,ny) :: depth, zeta, u, v, z1, u1, v1, z2, u2, v2
    type(sw_parameters) :: p
    type(plane_wave) :: m1, m2
    real(dp) :: worst
    integer :: step, k

    depth = 20
    worst = 0
    do k = 1, size(weights)
      p = sw_parameters(nx=nx, ny=ny, dx=1000.0_dp, dy=700.0_dp, dt=150.0_dp, wimp=weights(k), cd=0.0_dp, ah=0.0_dp, &
                        tolerance=1.0e-15_dp, linear=.true., periodic_x=.true., periodic_y=periodic_y)
      m1 = plane_wave(p, 20.0_dp, 2, 1, 1)
      m2 = plane_wave(p, 20.0_dp, 3, 2, -1)
      call wave_fields(p, m1, (1.0_dp, 0.0_dp), z1, u1, v1)
      call wave_fields(p, m2, (0.3_dp, 0.4_dp), z2, u2, v2)
      zeta = z1 + z2
      u = u1 + u2
      v = v1 + v2
      do step = 1, n
        call advance(p, depth, zeta, u, v, 1)
        call wave_fields(p, m1, lambda(p, m1)**step, z1, u1, v1)
        call wave_fields(p, m2, (0.3_dp, 0.4_dp)*lambda(p, m2)**step, z2, u2, v2)
        worst = max(worst, norm2(zeta - z1 - z2)/norm2(depth/20), norm2(u - u1 - u2)/norm2(depth/20), &
                    norm2(v - v1 - v2)/norm2(depth/20))
      end do
      if (.not. all(abs(zeta) < 4)) worst = huge(worst)
    end do
    call check_at_most(t, 'travelling waves, '//name//', all w: error / amplitude', worst, 1.0e-12_dp)
  end subroutine travelling_wave

  ! One period of one wave over 50 cells, against the differential equations: bounds of Thetis' own test.
  subroutine standing_wave_of_thetis(steps, bound)
    integer, intent(in)  :: steps
    real(dp), intent(in) :: bound
    integer, parameter :: nx = 50, ny = 4
    real(dp), dimension(nx,ny) :: depth, zeta, u, v, shape
    type(sw_parameters) :: p
    character(len=80) :: name
    integer :: i

    p = sw_parameters(nx=nx, ny=ny, dx=600.0_dp, dy=600.0_dp, cd=0.0_dp, ah=0.0_dp, linear=.true.)
    depth = 50
    p%dt = nx*p%dx/sqrt(p%gravity*50)/steps
    do i = 1, nx
      shape(i,:) = cos(2*pi*(i - 0.5_dp)/nx)
    end do
    zeta = shape
    u = 0
    v = 0
    call advance(p, depth, zeta, u, v, steps)
    write (name, '(a,i0,a)') 'standing wave after a period of ', steps, ' steps, 50 cells: relative error'
    call check_at_most(t, trim(name), norm2(zeta - shape)/norm2(shape), bound)
  end subroutine standing_wave_of_thetis

  ! wimp < 0.5, which is refused (test_refusals) unless `unstable` lets it pass, makes short waves grow without end.
  subroutine too_explicit
    integer, parameter :: nx = 30, ny = 25
    real(dp), dimension(nx,ny) :: depth, zeta, u, v
    type(sw_parameters) :: p
    real(dp) :: start
    integer :: k

    call rough_basin(nx, ny, depth)
    do k = 1, 2
      p = sw_parameters(nx=nx, ny=ny, dx=10000.0_dp, dy=8000.0_dp, dt=3000.0_dp, wimp=merge(0.45_dp, 0.5_dp, k == 1), &
                        cd=0.0_dp, ah=0.0_dp, tolerance=1.0e-15_dp, linear=.true., unstable=.true.)
      call bump(nx, ny, zeta)
      u = 0
      v = 0
      start = energy(p, depth, zeta, u, v)
      call advance(p, depth, zeta, u, v, 200)
      if (k == 1) call check_at_most(t, 'w = 0.45 forced past the refusal, 200 steps: energy before / after', &
                                     start/energy(p, depth, zeta, u, v), 1.0e-6_dp)
      if (k == 2) call check_at_most(t, 'w = 0.5, the same: change of energy / before', &
                                     abs(energy(p, depth, zeta, u, v)/start - 1), 200*2.0e-14_dp)
    end do
  end subroutine too_explicit

end program test_waves
