! Given elevations at open boundaries: tides in a channel, a rising sea, what flows through, and water at rest.
program test_open_boundary
  use, intrinsic :: iso_fortran_env, only: dp => real64
  use shallow_water
  use checks
  implicit none

  type(tally) :: t
  real(dp), parameter :: m2 = 2*pi/44714.16_dp, m4 = 2*m2  ! rad/s

  call tide('along x', 30, 1, 0.5_dp, 0.0_dp, .false.)
  call tide('along y', 1, 31, 0.5_dp, 0.0_dp, .false.)
  call tide('w = 0.6, linear drag', 30, 3, 0.6_dp, 5.0e-5_dp, .false.)
  call tide('w = 1, linear drag', 3, 30, 1.0_dp, 5.0e-5_dp, .false.)
  call tide('across periodic, even', 30, 4, 0.5_dp, 0.0_dp, .true.)
  call tide('across periodic, odd', 5, 30, 0.5_dp, 0.0_dp, .true.)
  call tide_converges
  call rising_sea
  call what_flows_through('no rotation', 0.0_dp, .false.)
  call what_flows_through('rotation, x periodic', 1.2e-4_dp, .true.)
  call rest_and_settling(0.0_dp)
  call rest_and_settling(1.2e-4_dp)
  call finish(t)

contains

  ! The tide zeta = Re(a*exp(i*omega*t)) at the open end of a closed flat channel, linear: with lambda = exp(i*omega*dt)
  ! the step's equations for zeta = z(x)*lambda**n, u = big_u(x)*lambda**n and m = w*lambda + 1 - w,
  !   (lambda-1)*z = -dt*H*m*d(big_u)/dx,   (lambda - 1 + dt*R)*big_u = -dt*g*m*d(z)/dx,
  ! have the solution z = a*cos(k*x)/cos(k*L), x from the closed end, L that of the last cell's centre, where
  !   g*H*dt**2*(2/dx*sin(k*dx/2))**2 = -(lambda-1)*(lambda-1+dt*R)/m**2.
  ! k is complex where drag or w > 0.5 damps. Without both it is Airy's co-oscillating tide.
  subroutine tide_fields(n, ds, dt, g, h, w, r, omega, a, z, big_u)
    integer, intent(in)      :: n                           ! cells
    real(dp), intent(in)     :: ds, dt, g, h, w, r, omega   ! spacing, step, gravity, depth, implicitness, linear drag, rad/s
    complex(dp), intent(in)  :: a                           ! at the open end
    complex(dp), intent(out) :: z(n), big_u(n)              ! elevation; velocity on the face behind each cell
    complex(dp) :: lambda, m, half                          ! half = k*ds/2
    integer :: i

    lambda = exp(cmplx(0.0_dp, omega*dt, dp))
    m = w*lambda + 1 - w
    half = asin(ds/(2*dt)*sqrt(-(lambda - 1)*(lambda - 1 + dt*r)/(g*h))/m)
    do i = 1, n
      z(i) = a*cos(half*(2*i - 1))/cos(half*(2*n - 1))
      big_u(i) = dt*g*m/(lambda - 1 + dt*r)*a*2/ds*sin(half)*sin(half*2*i)/cos(half*(2*n - 1))
    end do
    big_u(n) = 0
  end subroutine tide_fields

  ! Two constituents and a mean level, on the exact solution from the start; the open end is the last row or column.
  subroutine tide(name, nx, ny, w, drag, periodic)
    character(len=*), intent(in) :: name
    integer, intent(in)  :: nx, ny
    real(dp), intent(in) :: w, drag
    logical, intent(in)  :: periodic                        ! across the channel
    integer, parameter   :: steps = 200
    real(dp), parameter  :: frequency(2) = [m2, m4], phase(2) = [0.7_dp, 2.1_dp], amplitude(2) = [1.0_dp, 0.3_dp]
    real(dp), dimension(nx,ny) :: depth, zeta, u, v, ez, eu, ev
    complex(dp) :: z(max(nx,ny)), big_u(max(nx,ny)), turned
    type(sw_parameters) :: p
    type(sw_forcing) :: forcing
    real(dp) :: worst, speed
    integer  :: cells, step, c
    logical  :: along_x

    along_x = nx > ny
    p = sw_parameters(nx=nx, ny=ny, dx=4000.0_dp, dy=4000.0_dp, dt=900.0_dp, wimp=w, cd=0.0_dp, ah=0.0_dp, linear=.true., &
                      linear_drag=drag, tolerance=1.0e-15_dp, periodic_x=periodic .and. .not. along_x, &
                      periodic_y=periodic .and. along_x)
    depth = 20
    cells = min(nx, ny)
    call open_end(p, forcing)
    allocate (forcing%frequency(2), forcing%amplitude(cells,2), forcing%phase(cells,2))
    forcing%frequency = frequency
    do c = 1, 2
      forcing%amplitude(:,c) = amplitude(c)
      forcing%phase(:,c) = phase(c)
    end do
    allocate (forcing%boundary_time(1), source=0.0_dp)
    allocate (forcing%boundary_zeta(cells,1), source=0.25_dp)
    forcing%start_time = 1.0e5_dp
    worst = 0
    speed = 0
    do step = 0, steps
      ez = 0.25_dp
      eu = 0
      ev = 0
      do c = 1, 2
        call tide_fields(max(nx, ny), p%dx, p%dt, p%gravity, 20.0_dp, w, drag, frequency(c), &
                         cmplx(amplitude(c), 0.0_dp, dp)*exp(cmplx(0.0_dp, -phase(c), dp)), z, big_u)
        turned = exp(cmplx(0.0_dp, frequency(c)*(forcing%start_time + step*p%dt), dp))
        if (along_x) ez = ez + spread(real(turned*z, dp), 2, ny)
        if (along_x) eu = eu + spread(real(turned*big_u, dp), 2, ny)
        if (.not. along_x) ez = ez + spread(real(turned*z, dp), 1, nx)
        if (.not. along_x) ev = ev + spread(real(turned*big_u, dp), 1, nx)
      end do
      if (step == 0) then
        zeta = ez
        u = eu
        v = ev
        cycle
      end if
      call advance(p, depth, zeta, u, v, 1, forcing, step - 1)
      worst = max(worst, maxval(abs(zeta - ez)), maxval(abs(u - eu)), maxval(abs(v - ev)))
      speed = max(speed, maxval(abs(u)), maxval(abs(v)))
    end do
    if (.not. all(abs(zeta) < 10)) worst = huge(worst)  ! a NaN is lost in max
    call check_at_most(t, 'tides in a channel, '//name//', 200 steps: error', worst, 1.0e-12_dp)
    call check_at_most(t, '... and they flow: 1 / speed', 1/speed, 5.0_dp)
    call close_end(forcing)
  end subroutine tide

  ! Against the differential equation: start on Airy's tide, one period, the channel and the step refined together.
  subroutine tide_converges
    real(dp), parameter :: length = 1.2e5_dp, depth_of_all = 20.0_dp
    real(dp), allocatable, dimension(:) :: depth, zeta, u, v, airy
    type(sw_parameters) :: p
    type(sw_forcing) :: forcing
    real(dp) :: error(3), k
    integer  :: i, n, r

    do r = 1, 3
      n = 10*2**r
      p = sw_parameters(nx=n, ny=1, dx=length/(n - 0.5_dp), dy=length/n, dt=2*pi/m2/(5*n), cd=0.0_dp, ah=0.0_dp, linear=.true.)
      k = m2/sqrt(p%gravity*depth_of_all)
      allocate (depth(n), source=depth_of_all)
      allocate (zeta(n), u(n), v(n), airy(n), source=0.0_dp)
      airy = [(cos(k*(i - 0.5_dp)*p%dx)/cos(k*length), i = 1, n)]
      zeta = airy
      call open_end(p, forcing)
      allocate (forcing%frequency(1), source=m2)
      allocate (forcing%amplitude(1,1), source=1.0_dp)
      allocate (forcing%phase(1,1), source=0.0_dp)
      call advance(p, depth, zeta, u, v, 5*n, forcing)
      error(r) = norm2(zeta - airy)/norm2(airy)
      deallocate (depth, zeta, u, v, airy)
      call close_end(forcing)
    end do
    call check_order(t, 'tide in a channel after a period, 20, 40, 80 cells', error, 1.8_dp)
  end subroutine tide_converges

  ! The sea rises by 1 mm/s outside, linear in time: zeta = rate*t everywhere, u = -rate*x/H, is exact.
  subroutine rising_sea
    integer, parameter  :: n = 30, steps = 100
    real(dp), parameter :: rate = 1.0e-3_dp
    real(dp), dimension(n) :: depth, zeta, u, v, inflow
    type(sw_parameters) :: p
    type(sw_forcing) :: forcing
    integer :: i

    p = sw_parameters(nx=n, ny=1, dx=4000.0_dp, dy=4000.0_dp, dt=700.0_dp, wimp=0.7_dp, cd=0.0_dp, ah=0.0_dp, linear=.true., &
                      tolerance=1.0e-15_dp)
    call open_end(p, forcing)
    allocate (forcing%boundary_time(4), forcing%boundary_zeta(1,4))
    forcing%boundary_time = [0.0_dp, 1.1e4_dp, 1.9e4_dp, 2.0e5_dp]
    forcing%boundary_zeta(1,:) = rate*forcing%boundary_time
    depth = 20
    zeta = 0
    u = [(-rate*i*p%dx/20, i = 1, n)]
    u(n) = 0
    v = 0
    call advance(p, depth, zeta, u, v, steps, forcing)
    call check_at_most(t, 'sea that rises linearly: error of the surface / rise', &
                       maxval(abs(zeta/(rate*steps*p%dt) - 1)), 1.0e-12_dp)
    inflow = [(-rate*i*p%dx/20, i = 1, n)]
    call check_at_most(t, '... error of the inflow / inflow', maxval(abs(u(:n-1)/inflow(:n-1) - 1)), 1.0e-12_dp)
    call close_end(forcing)
  end subroutine rising_sea

  ! The volume of the cells inside changes by what passes the faces between them and the open boundary's cells,
  ! dt*h*((1-w)*u + w*u') with the old total depth; and these cells have what is given, to the
  ! rounding of the tide's argument.
  subroutine what_flows_through(name, f, periodic_x)
    character(len=*), intent(in) :: name
    real(dp), intent(in) :: f
    logical, intent(in)  :: periodic_x
    integer, parameter   :: nx = 24, ny = 18
    real(dp), dimension(nx,ny) :: depth, zeta, u, v, z0, v0
    logical :: inside(nx,ny)
    type(sw_parameters) :: p
    type(sw_forcing) :: forcing
    real(dp) :: through, change, worst, given
    integer  :: step

    p = sw_parameters(nx=nx, ny=ny, dx=9000.0_dp, dy=7000.0_dp, dt=900.0_dp, wimp=0.6_dp, tolerance=1.0e-6_dp, coriolis=f, &
                      periodic_x=periodic_x)
    call rough_sea(nx, ny, depth)
    call open_end(p, forcing, north=.true.)
    allocate (forcing%frequency(1), source=m2)
    allocate (forcing%amplitude(nx,1), source=1.0_dp)
    allocate (forcing%phase(nx,1), source=0.3_dp)
    inside = depth > sw_wet_threshold
    inside(:,ny) = .false.
    zeta = 0
    u = 0
    v = 0
    worst = 0
    given = 0
    do step = 0, 199
      z0 = zeta
      v0 = v
      call advance(p, depth, zeta, u, v, 1, forcing, step)
      change = sum(zeta - z0, mask=inside)*p%dx*p%dy
      through = p%dt*p%dx*sum(0.5_dp*(z0(:,ny-1) + depth(:,ny-1) + z0(:,ny) + depth(:,ny)) &
                              *(0.4_dp*v0(:,ny-1) + 0.6_dp*v(:,ny-1)))
      worst = max(worst, abs(change + through)/(sum(abs(zeta - z0), mask=inside)*p%dx*p%dy))
      given = max(given, maxval(abs(zeta(:,ny) - cos(m2*(step + 1)*p%dt - 0.3_dp))))
    end do
    if (.not. all(abs(zeta) < 10)) worst = huge(worst)  ! a NaN is lost in max
    call check_at_most(t, 'volume and flow through an open end, '//name//': gap / change', worst, 1.0e-12_dp)
    call check_at_most(t, '... distance from the given elevation, m', given, 1.0e-14_dp)
    call close_end(forcing)
  end subroutine what_flows_through

  ! A sea at the given level stays at rest; one below it fills up to it and comes to rest (w = 1 damps its waves).
  subroutine rest_and_settling(f)
    real(dp), intent(in) :: f
    integer, parameter   :: nx = 24, ny = 18
    real(dp), dimension(nx,ny) :: depth, zeta, u, v
    type(sw_parameters) :: p
    type(sw_forcing) :: forcing
    character(len=16) :: name

    p = sw_parameters(nx=nx, ny=ny, dx=9000.0_dp, dy=7000.0_dp, dt=900.0_dp, coriolis=f)
    call rough_sea(nx, ny, depth)
    call open_end(p, forcing)
    allocate (forcing%boundary_time(1), source=0.0_dp)
    allocate (forcing%boundary_zeta(ny,1), source=0.7_dp)
    name = merge('rotating     ', 'without f    ', f > 0)
    zeta = 0.7_dp
    u = 0
    v = 0
    call advance(p, depth, zeta, u, v, 500, forcing)
    call check_at_most(t, 'rest at the given level, '//trim(name)//': speed + change of the surface', &
                       maxval([abs(zeta - 0.7_dp), abs(u), abs(v)]), 1.0e-13_dp)
    zeta = 0
    p%wimp = 1
    p%dt = 6000
    p%linear_drag = 2.0e-5_dp
    call advance(p, depth, zeta, u, v, 600, forcing)
    call check_at_most(t, 'sea filled to the given level, '//trim(name)//': distance, m', &
                       maxval(abs(zeta - 0.7_dp), mask=depth > sw_wet_threshold), 1.0e-12_dp)
    call check_at_most(t, '... speed left, m/s', maxval([abs(u), abs(v)]), 1.0e-12_dp)
    call close_end(forcing)
  end subroutine rest_and_settling

  ! The open boundary: the last column of a grid longer in x, the last row of another or with north.
  subroutine open_end(p, forcing, north)
    type(sw_parameters), intent(in) :: p
    type(sw_forcing), intent(out)   :: forcing
    logical, intent(in), optional   :: north
    integer :: k

    if (p%nx > p%ny .and. .not. present(north)) then
      allocate (forcing%boundary_i(p%ny), source=p%nx)
      allocate (forcing%boundary_j(p%ny))
      forcing%boundary_j = [(k, k = 1, p%ny)]
    else
      allocate (forcing%boundary_j(p%nx), source=p%ny)
      allocate (forcing%boundary_i(p%nx))
      forcing%boundary_i = [(k, k = 1, p%nx)]
    end if
  end subroutine open_end

  subroutine close_end(forcing)
    type(sw_forcing), intent(inout) :: forcing

    deallocate (forcing%boundary_i, forcing%boundary_j)
    if (associated(forcing%frequency)) deallocate (forcing%frequency, forcing%amplitude, forcing%phase)
    if (associated(forcing%boundary_time)) deallocate (forcing%boundary_time, forcing%boundary_zeta)
  end subroutine close_end

end program test_open_boundary
