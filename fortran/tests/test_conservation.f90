! What the shallow-water model keeps: energy, volume, and water at rest, with its options.
program test_conservation
  use, intrinsic :: iso_fortran_env, only: dp => real64
  use shallow_water
  use checks
  implicit none

  type(tally) :: t
  integer, parameter :: nx = 30, ny = 25
  real(dp), parameter :: weights(4) = [0.5_dp, 0.55_dp, 0.6_dp, 1.0_dp]
  real(dp) :: basin(nx,ny), sea(nx,ny)  ! with a dry outer ring, and without
  type(sw_parameters) :: closed, rotating, around, both
  integer :: k

  call rough_basin(nx, ny, basin)
  call rough_sea(nx, ny, sea)
  closed = sw_parameters(nx=nx, ny=ny, dx=10000.0_dp, dy=8000.0_dp, dt=900.0_dp)
  rotating = closed
  rotating%coriolis = 1.2e-4_dp
  rotating%beta = 2.0e-11_dp
  around = closed
  around%periodic_x = .true.
  both = around
  both%periodic_y = .true.
  both%coriolis = -1.2e-4_dp

  do k = 1, size(weights)
    call energy_identity('closed', closed, basin, weights(k))
    call energy_identity('beta plane', rotating, basin, weights(k))
    call energy_identity('x periodic', around, sea, weights(k))
    call energy_identity('both periodic, f plane', both, sea, weights(k))
  end do
  ! as fast a rotation as is accepted
  rotating%beta = 0
  rotating%coriolis = 0.899_dp/rotating%dt
  call energy_identity('f*dt = 0.899', rotating, basin, 1.0_dp)
  rotating%coriolis = 2*rotating%coriolis
  call energy_identity('f*dt = 1.798', rotating, basin, 0.5_dp)
  rotating%coriolis = 1.2e-4_dp
  rotating%beta = 2.0e-11_dp
  call energy_for_long('beta plane, dt = 300 s', rotating, basin, 300.0_dp)
  call energy_for_long('beta plane, dt = 1500 s', rotating, basin, 1500.0_dp)
  call energy_for_long('both periodic, f plane, dt = 1500 s', both, sea, 1500.0_dp)
  call volume('closed', closed)
  call volume('beta plane', rotating)
  call volume('both periodic, f plane', both)
  call lake_at_rest('closed', closed, basin)
  call lake_at_rest('beta plane', rotating, basin)
  call lake_at_rest('both periodic, f plane', both, sea)
  call finish(t)

contains

  ! Without friction E' - E = -(w-1/2)*||x'-x||**2, in the norm of the energy, over any bed: gravity and rotation do no
  ! work on the mean of both states.
  subroutine energy_identity(name, options, depth, w)
    character(len=*), intent(in) :: name
    type(sw_parameters), intent(in) :: options
    real(dp), intent(in) :: depth(nx,ny), w
    real(dp), dimension(nx,ny) :: zeta, u, v, z0, u0, v0
    type(sw_parameters) :: p
    real(dp) :: start, before, worst
    character(len=80) :: title
    integer :: step

    p = without_friction(options)
    p%wimp = w
    call bump(nx, ny, zeta)
    u = 0
    v = 0
    start = energy(p, depth, zeta, u, v)
    worst = 0
    do step = 1, 100
      z0 = zeta
      u0 = u
      v0 = v
      before = energy(p, depth, zeta, u, v)
      call advance(p, depth, zeta, u, v, 1)
      worst = max(worst, abs(energy(p, depth, zeta, u, v) - before &
                             + (2*w - 1)*energy(p, depth, zeta - z0, u - u0, v - v0))/start)
    end do
    if (.not. all(abs(zeta) < 1)) worst = huge(worst)  ! a NaN is lost in max
    write (title, '(3a,f4.2,a)') 'energy identity, ', name, ', w = ', w, ', 100 steps: worst / E0'
    call check_at_most(t, trim(title), worst, 1.0e-13_dp)
  end subroutine energy_identity

  ! At w = 1/2 nothing grows: plain means of the Coriolis term would, by 1e-4 a step.
  subroutine energy_for_long(name, options, depth, dt)
    character(len=*), intent(in) :: name
    type(sw_parameters), intent(in) :: options
    real(dp), intent(in) :: depth(nx,ny), dt
    integer, parameter :: steps = 1000
    real(dp), dimension(nx,ny) :: zeta, u, v
    type(sw_parameters) :: p
    real(dp) :: start

    p = without_friction(options)
    p%dt = dt
    call bump(nx, ny, zeta)
    u = 0
    v = 0
    start = energy(p, depth, zeta, u, v)
    call advance(p, depth, zeta, u, v, steps)
    call check_at_most(t, 'energy, '//name//': change a step / E0', &
                       abs(energy(p, depth, zeta, u, v)/start - 1)/steps, 2.0e-14_dp)
  end subroutine energy_for_long

  pure function without_friction(options) result(p)
    type(sw_parameters), intent(in) :: options
    type(sw_parameters) :: p

    p = options
    p%cd = 0
    p%ah = 0
    p%linear = .true.
    p%tolerance = 1.0e-15_dp
  end function without_friction

  ! The sum of zeta over wet cells stays, whatever the solver's tolerance.
  subroutine volume(name, options)
    character(len=*), intent(in) :: name
    type(sw_parameters), intent(in) :: options
    integer, parameter :: mx = 16, my = 14
    real(dp), dimension(mx,my) :: depth, zeta, u, v
    type(sw_parameters) :: p
    real(dp) :: before, scale

    p = options
    p%nx = mx
    p%ny = my
    p%tolerance = 1.0e-6_dp
    call rough_sea(mx, my, depth)
    zeta = 0
    zeta(9:12,2:5) = 0.3_dp
    u = 0
    v = 0
    before = sum(zeta, mask=depth > sw_wet_threshold)
    scale = sum(abs(zeta), mask=depth > sw_wet_threshold)
    call advance(p, depth, zeta, u, v, 10000)
    call check_at_most(t, 'volume, '//name//', 10000 steps: change / sum', &
                       abs(sum(zeta, mask=depth > sw_wet_threshold) - before)/scale, 1.0e-12_dp)
  end subroutine volume

  subroutine lake_at_rest(name, p, depth)
    character(len=*), intent(in) :: name
    type(sw_parameters), intent(in) :: p
    real(dp), intent(in) :: depth(nx,ny)
    real(dp), dimension(nx,ny) :: zeta, u, v

    zeta = 0.7_dp
    u = 0
    v = 0
    call advance(p, depth, zeta, u, v, 500)
    call check_at_most(t, 'lake at rest, '//name//': speed, m/s', maxval([abs(u), abs(v)]), 1.0e-13_dp)
    call check_at_most(t, '... change of elevation, m', maxval(abs(zeta - 0.7_dp)), 1.0e-13_dp)
    if (.not. all(abs(zeta) < 1)) call check_equal(t, '... not a number', 1, 0)
  end subroutine lake_at_rest

end program test_conservation
