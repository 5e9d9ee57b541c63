! Wind and friction of the shallow-water model: what they do to a uniform current, to one face, and to a closed channel.
program test_forcing
  use, intrinsic :: iso_fortran_env, only: dp => real64
  use shallow_water
  use checks
  implicit none

  type(tally) :: t
  integer, parameter :: nx = 6, ny = 5
  real(dp), parameter :: weights(3) = [0.5_dp, 0.7_dp, 1.0_dp]
  integer :: k

  call linear_drag
  call quadratic_drag
  call lateral_friction
  do k = 1, size(weights)
    call impulse_of_the_wind(weights(k))
  end do
  call wind_before_and_after
  call wind_of_each_cell
  call wind_set_up(.true.)
  call wind_set_up(.false.)
  call finish(t)

contains

  ! A flat, doubly periodic sea, in which a uniform current stays uniform and the surface does not move.
  subroutine uniform_current(p, depth, zeta, u, v)
    type(sw_parameters), intent(out) :: p
    real(dp), intent(out), dimension(nx,ny) :: depth, zeta, u, v

    p = sw_parameters(nx=nx, ny=ny, dx=9000.0_dp, dy=7000.0_dp, dt=1200.0_dp, cd=0.0_dp, ah=0.0_dp, tolerance=1.0e-15_dp, &
                      periodic_x=.true., periodic_y=.true.)
    depth = 20
    zeta = 0.5_dp
    u = 0.3_dp
    v = -0.4_dp
  end subroutine uniform_current

  subroutine linear_drag
    real(dp), dimension(nx,ny) :: depth, zeta, u, v
    type(sw_parameters) :: p
    real(dp) :: factor

    call uniform_current(p, depth, zeta, u, v)
    p%linear_drag = 2.0e-5_dp
    factor = (1 - p%dt*p%linear_drag)**100
    call advance(p, depth, zeta, u, v, 100)
    call check_at_most(t, 'linear drag: u_n = (1 - R*dt)**n * u_0, 100 steps: relative error', &
                       maxval([abs(u/(0.3_dp*factor) - 1), abs(v/(-0.4_dp*factor) - 1)]), 1.0e-13_dp)
    call check_at_most(t, '... change of the surface, m', maxval(abs(zeta - 0.5_dp)), 0.0_dp)
  end subroutine linear_drag

  ! Of each component alone, over the total depth.
  subroutine quadratic_drag
    real(dp), dimension(nx,ny) :: depth, zeta, u, v
    type(sw_parameters) :: p
    real(dp) :: a, b
    integer :: n

    call uniform_current(p, depth, zeta, u, v)
    p%cd = 3.0e-3_dp
    a = 0.3_dp
    b = -0.4_dp
    do n = 1, 100
      a = a - p%dt*p%cd/20.5_dp*a*abs(a)
      b = b - p%dt*p%cd/20.5_dp*b*abs(b)
    end do
    call advance(p, depth, zeta, u, v, 100)
    call check_at_most(t, 'quadratic drag: its recurrence, 100 steps: relative error', &
                       maxval([abs(u/a - 1), abs(v/b - 1)]), 1.0e-13_dp)
  end subroutine quadratic_drag

  ! A shear current u = cos(l*y) has no divergence; each step multiplies it by 1 - dt*ah*(2/dy*sin(l*dy/2))**2.
  subroutine lateral_friction
    real(dp), dimension(nx,ny) :: depth, zeta, u, v
    type(sw_parameters) :: p
    real(dp) :: factor, shape(nx,ny)
    integer :: j

    call uniform_current(p, depth, zeta, u, v)
    p%ah = 4000
    do j = 1, ny
      shape(:,j) = cos(2*pi*j/ny)
    end do
    u = shape
    v = 0
    factor = (1 - p%dt*p%ah*(2/p%dy*sin(pi/ny))**2)**20
    call advance(p, depth, zeta, u, v, 20)
    call check_at_most(t, 'lateral friction: a shear current''s decay, 20 steps: relative error', &
                       maxval(abs(u/factor - shape)) + maxval(abs(v)), 1.0e-13_dp)
  end subroutine lateral_friction

  ! Wind that is linear in time, given at uneven times: the current has its impulse, the integral of tau/(rho*h) at
  ! w = 0.5, else that of the weighted ends of each step.
  subroutine impulse_of_the_wind(w)
    real(dp), intent(in) :: w
    integer, parameter :: steps = 100, first = 7
    real(dp), target :: times(4), wind_x(1,1,4), wind_y(1,1,4)
    real(dp), dimension(nx,ny) :: depth, zeta, u, v
    type(sw_parameters) :: p
    type(sw_forcing) :: forcing
    real(dp) :: mean_time, impulse
    character(len=80) :: name

    call uniform_current(p, depth, zeta, u, v)
    p%wimp = w
    times = [0.0_dp, 1.1e4_dp, 2.7e4_dp, 2.0e5_dp]
    wind_x(1,1,:) = 0.02_dp + 3.0e-6_dp*times
    wind_y(1,1,:) = 0.1_dp - 1.0e-6_dp*times
    forcing%wind_time => times
    forcing%wind_x => wind_x
    forcing%wind_y => wind_y
    forcing%start_time = 500
    ! the mean over the steps of (1-w)*old time + w*new time
    mean_time = forcing%start_time + (first + 0.5_dp*(steps - 1) + w)*p%dt
    impulse = steps*p%dt/(p%density*20.5_dp)
    call advance(p, depth, zeta, u, v, steps, forcing, first)
    write (name, '(a,f3.1,a)') 'impulse of wind linear in time, w = ', w, ', 100 steps: relative error'
    call check_at_most(t, trim(name), maxval([abs((u - 0.3_dp)/(impulse*(0.02_dp + 3.0e-6_dp*mean_time)) - 1), &
                                              abs((v + 0.4_dp)/(impulse*(0.1_dp - 1.0e-6_dp*mean_time)) - 1)]), 1.0e-13_dp)
  end subroutine impulse_of_the_wind

  ! Before its first and after its last time the wind is constant.
  subroutine wind_before_and_after
    real(dp), target :: times(2), wind_x(1,1,2), wind_y(1,1,2)
    real(dp), dimension(nx,ny) :: depth, zeta, u, v
    type(sw_parameters) :: p
    type(sw_forcing) :: forcing
    real(dp) :: impulse

    call uniform_current(p, depth, zeta, u, v)
    times = p%dt*[10, 20]
    wind_x(1,1,:) = [0.1_dp, 0.3_dp]
    wind_y(1,1,:) = [0.2_dp, -0.2_dp]
    forcing%wind_time => times
    forcing%wind_x => wind_x
    forcing%wind_y => wind_y
    call advance(p, depth, zeta, u, v, 50, forcing)
    impulse = p%dt/(p%density*20.5_dp)
    call check_at_most(t, 'wind constant before 10 and after 20 of 50 steps: relative error', &
                       maxval([abs((u - 0.3_dp)/(impulse*(10*0.1_dp + 10*0.2_dp + 30*0.3_dp)) - 1), &
                               abs((v + 0.4_dp)/(impulse*(10*0.2_dp + 10*0.0_dp - 30*0.2_dp)) - 1)]), 1.0e-13_dp)
  end subroutine wind_before_and_after

  ! With next to no gravity each face has its own current: that of the mean wind of its two cells over its own depth.
  subroutine wind_of_each_cell
    real(dp), target :: time(1), wind_x(nx,ny,1), wind_y(nx,ny,1)
    real(dp), dimension(nx,ny) :: depth, zeta, u, v, eu, ev
    type(sw_parameters) :: p
    type(sw_forcing) :: forcing
    integer :: i, j, ie, jn

    call uniform_current(p, depth, zeta, u, v)
    p%gravity = 1.0e-200_dp
    u = 0
    v = 0
    time = 0
    do j = 1, ny
      do i = 1, nx
        depth(i,j) = 15 + 5*sin(1.7_dp*i + 0.3_dp*i*j)
        wind_x(i,j,1) = 0.1_dp*sin(2.0_dp*i + j)
        wind_y(i,j,1) = 0.1_dp*cos(1.0_dp*i + 3*j)
      end do
    end do
    do j = 1, ny
      do i = 1, nx
        ie = modulo(i, nx) + 1
        jn = modulo(j, ny) + 1
        eu(i,j) = p%dt/p%density*(wind_x(i,j,1) + wind_x(ie,j,1))/(depth(i,j) + depth(ie,j) + 2*zeta(1,1))
        ev(i,j) = p%dt/p%density*(wind_y(i,j,1) + wind_y(i,jn,1))/(depth(i,j) + depth(i,jn) + 2*zeta(1,1))
      end do
    end do
    forcing%wind_time => time
    forcing%wind_x => wind_x
    forcing%wind_y => wind_y
    call advance(p, depth, zeta, u, v, 1, forcing)
    call check_at_most(t, 'wind of each cell, periodic edges, rough bed: error / speed', &
                       maxval([abs(u - eu), abs(v - ev)])/maxval(abs(eu)), 1.0e-14_dp)
  end subroutine wind_of_each_cell

  ! In a closed channel the wind piles water up until the slope is tau/(rho*g*h) on every face, over any bed.
  subroutine wind_set_up(along_x)
    logical, intent(in) :: along_x
    integer, parameter :: n = 40
    real(dp), target :: time(1), wind(1,1,1)
    real(dp), dimension(n) :: depth, zeta, u, v, slope
    type(sw_parameters) :: p
    type(sw_forcing) :: forcing
    integer :: i

    p = sw_parameters(nx=merge(n, 1, along_x), ny=merge(1, n, along_x), dx=5000.0_dp, dy=5000.0_dp, dt=20000.0_dp, wimp=1.0_dp, &
                      cd=0.0_dp, ah=0.0_dp, linear=.true., linear_drag=2.0e-5_dp, tolerance=1.0e-15_dp)
    depth = [(20 + 8*sin(0.7_dp*i), i = 1, n)]
    zeta = 0
    u = 0
    v = 0
    time = 0
    wind = 0.3_dp
    forcing%wind_time => time
    forcing%wind_x => wind
    forcing%wind_y => wind
    call advance(p, depth, zeta, u, v, 500, forcing)
    slope = 0.3_dp*p%dx/(p%density*p%gravity*0.5_dp*(depth + eoshift(depth, 1)))
    call check_at_most(t, 'wind set-up over a rough bed, along '//merge('x', 'y', along_x)//': error of the slope / slope', &
                       maxval(abs((zeta(2:) - zeta(:n-1))/slope(:n-1) - 1)), 1.0e-12_dp)
    call check_at_most(t, '... speed left / wind''s impulse in a step', &
                       maxval([abs(u), abs(v)])*p%density*20/(0.3_dp*p%dt), 1.0e-12_dp)
  end subroutine wind_set_up

end program test_forcing
