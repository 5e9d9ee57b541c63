! Rotation: exact discrete modes of the f plane, inertial oscillations, and the adjustment of a step to balance.
program test_rotation
  use, intrinsic :: iso_fortran_env, only: dp => real64
  use shallow_water
  use checks
  use plane_waves
  implicit none

  type(tally) :: t
  integer :: k, n
  integer, parameter :: sizes(2,3) = reshape([20, 16, 21, 16, 21, 15], [2, 3])
  real(dp), parameter :: weights(3) = [0.5_dp, 0.6_dp, 1.0_dp]

  do n = 1, size(sizes, 2)
    do k = 1, size(weights)
      call mode(sizes(1,n), sizes(2,n), weights(k), 1)
      call mode(sizes(1,n), sizes(2,n), weights(k), -1)
      call mode(sizes(1,n), sizes(2,n), weights(k), 0)
    end do
  end do
  do k = 1, size(weights)
    call inertial_oscillation(weights(k))
  end do
  call adjustment
  call adjustment_without_waves
  call finish(t)

contains

  ! Inertia-gravity waves and the geostrophic mode of a doubly periodic f plane, with f*dt = 0.6: see plane_waves.
  subroutine mode(nx, ny, w, branch)
    integer, intent(in)  :: nx, ny, branch
    real(dp), intent(in) :: w
    real(dp), dimension(nx,ny) :: depth, zeta, u, v, z1, u1, v1
    type(sw_parameters) :: p
    type(plane_wave) :: m
    real(dp) :: worst
    character(len=19), parameter :: kinds(-1:1) = ['wave of sigma < 0, ', 'geostrophic mode,  ', 'wave of sigma > 0, ']
    character(len=80) :: name
    integer :: step

    p = sw_parameters(nx=nx, ny=ny, dx=9000.0_dp, dy=7000.0_dp, dt=5000.0_dp, wimp=w, cd=0.0_dp, ah=0.0_dp, coriolis=1.2e-4_dp, &
                      tolerance=1.0e-15_dp, linear=.true., periodic_x=.true., periodic_y=.true.)
    depth = 5
    m = plane_wave(p, 5.0_dp, 2, 1, branch)
    call wave_fields(p, m, (0.6_dp, 0.8_dp), zeta, u, v)
    worst = 0
    do step = 1, 40
      call advance(p, depth, zeta, u, v, 1)
      call wave_fields(p, m, (0.6_dp, 0.8_dp)*lambda(p, m)**step, z1, u1, v1)
      worst = max(worst, norm2(zeta - z1)/norm2(depth/5), norm2(u - u1)/norm2(depth/5), norm2(v - v1)/norm2(depth/5))
    end do
    if (.not. all(abs(zeta) < 2)) worst = huge(worst)  ! a NaN is lost in max
    write (name, '(2a,i0,a,i0,a,f3.1)') 'f plane, ', kinds(branch), nx, ' x ', ny, ', w = ', w
    call check_at_most(t, trim(name)//', 40 steps: error', worst, 1.0e-12_dp)
  end subroutine mode

  ! A uniform current without slope, q = u + i*v: q' - q = -dt*R*q - i*f*dt*(w*q' + (1-w)*q).
  subroutine inertial_oscillation(w)
    real(dp), intent(in) :: w
    integer, parameter :: nx = 6, ny = 5, steps = 100
    real(dp), dimension(nx,ny) :: depth, zeta, u, v
    type(sw_parameters) :: p
    complex(dp) :: q
    character(len=80) :: name

    p = sw_parameters(nx=nx, ny=ny, dx=9000.0_dp, dy=7000.0_dp, dt=3000.0_dp, wimp=w, cd=0.0_dp, ah=0.0_dp, coriolis=-1.2e-4_dp, &
                      linear_drag=1.0e-6_dp, tolerance=1.0e-15_dp, periodic_x=.true., periodic_y=.true.)
    depth = 30
    zeta = 0.25_dp
    u = 0.3_dp
    v = -0.4_dp
    q = cmplx(0.3_dp, -0.4_dp, dp)*(cmplx(1 - p%dt*p%linear_drag, -(1 - w)*p%dt*p%coriolis, dp) &
                                    /cmplx(1.0_dp, w*p%dt*p%coriolis, dp))**steps
    call advance(p, depth, zeta, u, v, steps)
    write (name, '(a,f3.1,a)') 'inertial oscillation with linear drag, w = ', w, ', 100 steps: error'
    call check_at_most(t, trim(name), maxval([abs(u - q%re), abs(v - q%im)])/abs(q), 1.0e-12_dp)
  end subroutine inertial_oscillation

  ! The front of a step of the surface adjusts to a balanced current; waves carry the rest away. Of the potential energy
  ! that the front loses, 1/3 becomes kinetic energy of the current (Gill 1982, section 7.2). Two fronts, 50 Rossby radii
  ! apart, in a periodic channel. What waves linger near a front have nearly the inertial period: the balanced state within
  ! 6 radii is the mean over the periods 3 to 6. The first waves of the other front come after 44/f, or 7 periods.
  subroutine adjustment
    integer, parameter :: nx = 500, ny = 2
    real(dp), dimension(nx,ny) :: depth, zeta, u, v, mean_zeta, mean_v, start
    type(sw_parameters) :: p
    integer :: step, first, last, period

    call step_of_surface(p, nx, ny, depth, zeta, u, v)
    first = nx/4 - 6*5 + 1
    last = nx/4 + 6*5
    period = nint(2*pi/(p%coriolis*p%dt))
    start = zeta
    mean_zeta = 0
    mean_v = 0
    do step = 1, 6*period
      call advance(p, depth, zeta, u, v, 1)
      if (step > 3*period) mean_zeta = mean_zeta + zeta/(3*period)
      if (step > 3*period) mean_v = mean_v + v/(3*period)
    end do
    associate (s => start(first:last,:), z => mean_zeta(first:last,:), c => mean_v(first:last,:), d => depth(first:last,:))
      call check_at_most(t, 'adjustment of a step: distance of kinetic / potential from 1/3, / 1/3', &
                         abs(3*sum(d*c**2)/sum(p%gravity*(s**2 - z**2)) - 1), 0.02_dp)
    end associate
  end subroutine adjustment

  ! w = 1 damps the waves and leaves the balanced state, which no step changes: the same ratio, without averages. Fronts 20
  ! radii apart.
  subroutine adjustment_without_waves
    integer, parameter :: nx = 200, ny = 1
    real(dp), dimension(nx,ny) :: depth, zeta, u, v
    type(sw_parameters) :: p
    real(dp) :: before

    call step_of_surface(p, nx, ny, depth, zeta, u, v)
    p%wimp = 1
    p%dt = 0.5_dp/p%coriolis
    before = sum(p%gravity*zeta**2)
    call advance(p, depth, zeta, u, v, 300)
    call check_at_most(t, '... waves damped away by w = 1: the same', &
                       abs(3*sum(depth*(u**2 + v**2))/(before - sum(p%gravity*zeta**2)) - 1), 0.02_dp)
    call check_at_most(t, '... and the current across the front is gone: speed / speed along it', &
                       maxval(abs(u))/maxval(abs(v)), 1.0e-6_dp)
  end subroutine adjustment_without_waves

  ! zeta = +-0.1 m, a step up at a quarter of the channel and down at three quarters; 5 cells a Rossby radius.
  subroutine step_of_surface(p, nx, ny, depth, zeta, u, v)
    integer, intent(in) :: nx, ny
    type(sw_parameters), intent(out) :: p
    real(dp), intent(out), dimension(nx,ny) :: depth, zeta, u, v
    real(dp) :: radius

    p = sw_parameters(nx=nx, ny=ny, cd=0.0_dp, ah=0.0_dp, coriolis=1.0e-4_dp, linear=.true., periodic_x=.true., periodic_y=.true.)
    depth = 10
    radius = sqrt(p%gravity*10)/p%coriolis
    p%dx = radius/5
    p%dy = p%dx
    p%dt = 0.1_dp/p%coriolis
    zeta = -0.1_dp
    zeta(nx/4+1:3*nx/4,:) = 0.1_dp
    u = 0
    v = 0
  end subroutine step_of_surface

end program test_rotation
