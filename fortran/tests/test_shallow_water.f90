! Properties of the shallow-water scheme: exact discrete solutions, conservation, repeatability.
program test_shallow_water
  use, intrinsic :: iso_fortran_env, only: dp => real64
  use, intrinsic :: ieee_arithmetic, only: ieee_value, ieee_quiet_nan, ieee_is_nan
  use shallow_water
  use sw_status
  use checks
  implicit none

  type(tally) :: t
  integer :: c, k
  real(dp), parameter :: weights(4) = [0.5_dp, 0.55_dp, 0.6_dp, 1.0_dp], courant(4) = [0.3_dp, 1.8_dp, 6.0_dp, 20.0_dp]

  do k = 1, size(weights)
    do c = 1, size(courant)
      call standing_wave(weights(k), courant(c))
    end do
  end do
  do k = 1, size(weights)
    call energy_identity(weights(k))
  end do
  call volume_is_conserved
  call lake_at_rest
  call still_water_costs_nothing
  call halves_equal_whole
  call dry_cells_do_not_leak
  call symmetry
  call solution_satisfies_the_stencil
  call stencil_is_symmetric
  call finish(t)

contains

  ! In a closed flat box zeta = cos(kx)*cos(ly) keeps its shape; its amplitude after n steps is |lambda|**n * cos(n*phase)
  ! with |lambda|**2 = (1 + (1-w)**2*s**2)/(1 + w**2*s**2), phase = atan(w*s) + atan((1-w)*s), s = dt*sqrt(g*H)*K.
  ! A rounding of zeta enters the fluxes Courant**2 times larger, hence the bound of the longest steps.
  subroutine standing_wave(w, courant_number)
    real(dp), intent(in) :: w, courant_number
    integer, parameter :: nx = 24, ny = 17, n = 40
    real(dp), dimension(nx,ny) :: depth, zeta, u, v, shape
    type(sw_parameters) :: p
    type(sw_report) :: report
    real(dp) :: a, b, kk, s, amplitude, phase, worst
    character(len=80) :: name
    integer :: i, j, step, status

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
    worst = 0
    do step = 1, n
      call sw_run(p, depth, zeta, u, v, 1, report, status)
      if (status /= sw_ok) worst = huge(worst)
      worst = max(worst, maxval(abs(zeta - amplitude**step*cos(step*phase)*shape)))
    end do
    write (name, '(a,f4.2,a,f4.1,a)') 'standing wave, w = ', w, ', Courant ', courant_number, ', 40 steps: error / amplitude'
    call check_at_most(t, trim(name), worst, max(1.0e-12_dp, n*epsilon(worst)*courant_number**2))
  end subroutine standing_wave

  ! Without friction E' - E = -(w-1/2)*||x'-x||**2, in the norm of the energy, over any bathymetry.
  subroutine energy_identity(w)
    real(dp), intent(in) :: w
    integer, parameter :: nx = 30, ny = 25
    real(dp), dimension(nx,ny) :: depth, zeta, u, v, z0, u0, v0
    type(sw_parameters) :: p
    type(sw_report) :: report
    real(dp) :: e0, before, worst
    character(len=80) :: name
    integer :: step, status

    p = sw_parameters(nx=nx, ny=ny, dx=10000.0_dp, dy=8000.0_dp, dt=900.0_dp, wimp=w, cd=0.0_dp, ah=0.0_dp, &
                      tolerance=1.0e-15_dp, linear=.true.)
    call rough_basin(nx, ny, depth)
    call bump(nx, ny, zeta)
    u = 0
    v = 0
    e0 = energy(p, depth, zeta, u, v)
    worst = 0
    do step = 1, 100
      z0 = zeta
      u0 = u
      v0 = v
      before = energy(p, depth, zeta, u, v)
      call sw_run(p, depth, zeta, u, v, 1, report, status)
      if (status /= sw_ok) worst = huge(worst)
      worst = max(worst, abs(energy(p, depth, zeta, u, v) - before + (2*w - 1)*energy(p, depth, zeta - z0, u - u0, v - v0))/e0)
    end do
    write (name, '(a,f4.2,a)') 'energy identity over a rough bed, w = ', w, ', worst of 100 steps / E0'
    call check_at_most(t, trim(name), worst, 1.0e-13_dp)
  end subroutine energy_identity

  ! The sum of zeta over wet cells stays, whatever the solver's tolerance.
  subroutine volume_is_conserved
    integer, parameter :: nx = 30, ny = 25
    real(dp), dimension(nx,ny) :: depth, zeta, u, v
    type(sw_parameters) :: p
    type(sw_report) :: report
    real(dp) :: before, scale
    integer :: status

    p = sw_parameters(nx=nx, ny=ny, dx=10000.0_dp, dy=8000.0_dp, dt=900.0_dp, tolerance=1.0e-6_dp)
    call rough_basin(nx, ny, depth)
    call bump(nx, ny, zeta)
    u = 0
    v = 0
    before = sum(zeta, mask=depth > sw_wet_threshold)
    scale = sum(abs(zeta), mask=depth > sw_wet_threshold)
    call sw_run(p, depth, zeta, u, v, 2000, report, status)
    call check_equal(t, 'volume: status of 2000 nonlinear steps', status, sw_ok)
    call check_at_most(t, 'volume after 2000 nonlinear steps, solves to 1e-6: change / sum', &
                       abs(sum(zeta, mask=depth > sw_wet_threshold) - before)/scale, 1.0e-12_dp)
  end subroutine volume_is_conserved

  subroutine lake_at_rest
    integer, parameter :: nx = 30, ny = 25
    real(dp), dimension(nx,ny) :: depth, zeta, u, v
    type(sw_parameters) :: p
    type(sw_report) :: report
    integer :: status

    p = sw_parameters(nx=nx, ny=ny, dx=10000.0_dp, dy=8000.0_dp, dt=900.0_dp)
    call rough_basin(nx, ny, depth)
    zeta = 0.7_dp
    u = 0
    v = 0
    call sw_run(p, depth, zeta, u, v, 500, report, status)
    call check_equal(t, 'lake at rest: status of 500 steps', status, sw_ok)
    call check_at_most(t, 'lake at rest over a rough bed with islands: speed, m/s', max(maxval(abs(u)), maxval(abs(v))), 1.0e-13_dp)
    call check_at_most(t, 'lake at rest: change of elevation, m', maxval(abs(zeta - 0.7_dp)), 1.0e-13_dp)
  end subroutine lake_at_rest

  subroutine still_water_costs_nothing
    integer, parameter :: nx = 20, ny = 15
    real(dp), dimension(nx,ny) :: depth, zeta, u, v
    type(sw_parameters) :: p
    type(sw_report) :: report
    integer :: status

    p = sw_parameters(nx=nx, ny=ny, dx=10000.0_dp, dy=10000.0_dp, dt=300.0_dp)
    call rough_basin(nx, ny, depth)
    zeta = 0
    u = 0
    v = 0
    call sw_run(p, depth, zeta, u, v, 3, report, status)
    call check_equal(t, 'zero right-hand side: solver iterations', int(report%total_iterations), 0)
    call check_at_most(t, 'zero right-hand side: elevation, m', maxval(abs(zeta)), 0.0_dp)
  end subroutine still_water_costs_nothing

  subroutine halves_equal_whole
    integer, parameter :: nx = 31, ny = 26
    real(dp), dimension(nx,ny) :: depth, z1, u1, v1, z2, u2, v2
    type(sw_parameters) :: p
    type(sw_report) :: report
    integer :: status

    p = sw_parameters(nx=nx, ny=ny, dx=10000.0_dp, dy=8000.0_dp, dt=900.0_dp)
    call rough_basin(nx, ny, depth)
    call bump(nx, ny, z1)
    u1 = 0
    v1 = 0
    z2 = z1
    u2 = u1
    v2 = v1
    call sw_run(p, depth, z1, u1, v1, 50, report, status)
    call sw_run(p, depth, z2, u2, v2, 23, report, status)
    call sw_run(p, depth, z2, u2, v2, 27, report, status)
    call check_at_most(t, 'a run in two halves equals one run to the bit: difference', &
                       maxval(abs(z1 - z2)) + maxval(abs(u1 - u2)) + maxval(abs(v1 - v2)), 0.0_dp)
    call check_at_most(t, '... and something moved: 1 / speed', 1/maxval(abs(u1)), 1.0e4_dp)
  end subroutine halves_equal_whole

  ! Whatever dry cells hold, wet cells never feel it, and dry cells keep it.
  subroutine dry_cells_do_not_leak
    integer, parameter :: nx = 30, ny = 25
    real(dp), dimension(nx,ny) :: depth, z1, u1, v1, z2, u2, v2
    logical :: dry(nx,ny)
    type(sw_parameters) :: p
    type(sw_report) :: report
    integer :: status

    p = sw_parameters(nx=nx, ny=ny, dx=10000.0_dp, dy=8000.0_dp, dt=900.0_dp)
    call rough_basin(nx, ny, depth)
    dry = depth <= sw_wet_threshold
    call bump(nx, ny, z1)
    u1 = 0
    v1 = 0
    z2 = z1
    u2 = u1
    v2 = v1
    where (dry) z2 = ieee_value(1.0_dp, ieee_quiet_nan)
    where (dry) u2 = 1.0e300_dp
    v2(:,ny) = ieee_value(1.0_dp, ieee_quiet_nan)
    call sw_run(p, depth, z1, u1, v1, 20, report, status)
    call sw_run(p, depth, z2, u2, v2, 20, report, status)
    call check_equal(t, 'NaN in dry cells: status', status, sw_ok)
    call check_at_most(t, 'NaN in dry cells: difference in wet cells', &
                       maxval(abs(z1 - z2), mask=.not. dry) + maxval(abs(u1 - u2)) + maxval(abs(v1 - v2)), 0.0_dp)
    call check_equal(t, 'NaN in dry cells: dry cells that kept theirs', count(dry .and. ieee_is_nan(z2)), count(dry))
  end subroutine dry_cells_do_not_leak

  ! x and y are treated alike: the transposed problem has the transposed solution.
  subroutine symmetry
    integer, parameter :: nx = 30, ny = 25
    real(dp) :: d1(nx,ny), z1(nx,ny), u1(nx,ny), v1(nx,ny), d2(ny,nx), z2(ny,nx), u2(ny,nx), v2(ny,nx)
    type(sw_parameters) :: p
    type(sw_report) :: report
    integer :: status

    p = sw_parameters(nx=nx, ny=ny, dx=10000.0_dp, dy=8000.0_dp, dt=900.0_dp, tolerance=1.0e-14_dp)
    call rough_basin(nx, ny, d1)
    call bump(nx, ny, z1)
    u1 = 0
    v1 = 0
    d2 = transpose(d1)
    z2 = transpose(z1)
    u2 = 0
    v2 = 0
    call sw_run(p, d1, z1, u1, v1, 20, report, status)
    p = sw_parameters(nx=ny, ny=nx, dx=8000.0_dp, dy=10000.0_dp, dt=900.0_dp, tolerance=1.0e-14_dp)
    call sw_run(p, d2, z2, u2, v2, 20, report, status)
    call check_at_most(t, 'x and y exchanged, 20 steps: difference / largest', &
                       maxval(abs(z1 - transpose(z2)))/maxval(abs(z1)) &
                       + maxval(abs(u1 - transpose(v2)))/maxval(abs(u1)), 1.0e-12_dp)
  end subroutine symmetry

  ! A step from rest solves (A-I)*(z0 + z) + z - z0 = 0 at w = 1/2, with A from the public stencil. The solver leaves
  ! a residual of tolerance*||b||, b = -2*(A-I)*z0, and step 4 adds it to the elevation: A-I times larger.
  subroutine solution_satisfies_the_stencil
    integer, parameter :: nx = 30, ny = 25
    real(dp), dimension(nx,ny) :: depth, zeta, u, v, z0, ce, cw, cn, cs, r, b
    type(sw_parameters) :: p
    type(sw_report) :: report
    integer :: status

    p = sw_parameters(nx=nx, ny=ny, dx=10000.0_dp, dy=8000.0_dp, dt=3000.0_dp, tolerance=1.0e-12_dp)
    call rough_basin(nx, ny, depth)
    call bump(nx, ny, zeta)
    u = 0
    v = 0
    z0 = zeta
    call sw_stencil(p, depth, zeta, ce, cw, cn, cs, report, status)
    call sw_run(p, depth, zeta, u, v, 1, report, status)
    where (depth <= sw_wet_threshold)
      zeta = 0
      z0 = 0
    end where
    b = -2*couplings(nx, ny, ce, cw, cn, cs, z0)
    r = zeta - z0 + couplings(nx, ny, ce, cw, cn, cs, z0 + zeta)
    call check_at_most(t, 'true residual of a step in the public stencil / (||b|| * ||A-I||)', &
                       norm2(r)/(norm2(b)*2*maxval(ce + cw + cn + cs)), p%tolerance)
  end subroutine solution_satisfies_the_stencil

  ! (A-I)*z; the outer ring is dry and has no couplings.
  pure function couplings(nx, ny, ce, cw, cn, cs, z) result(y)
    integer, intent(in) :: nx, ny
    real(dp), intent(in), dimension(nx,ny) :: ce, cw, cn, cs, z
    real(dp) :: y(nx,ny)
    integer :: i, j

    y = 0
    do j = 2, ny - 1
      do i = 2, nx - 1
        y(i,j) = ce(i,j)*(z(i,j) - z(i+1,j)) + cw(i,j)*(z(i,j) - z(i-1,j)) &
               + cn(i,j)*(z(i,j) - z(i,j+1)) + cs(i,j)*(z(i,j) - z(i,j-1))
      end do
    end do
  end function couplings

  ! The couplings of neighbours are the same number: the matrix is symmetric.
  subroutine stencil_is_symmetric
    integer, parameter :: nx = 30, ny = 25
    real(dp), dimension(nx,ny) :: depth, zeta, ce, cw, cn, cs
    type(sw_parameters) :: p
    type(sw_report) :: report
    integer :: status

    p = sw_parameters(nx=nx, ny=ny, dx=10000.0_dp, dy=8000.0_dp, dt=3000.0_dp)
    call rough_basin(nx, ny, depth)
    call bump(nx, ny, zeta)
    call sw_stencil(p, depth, zeta, ce, cw, cn, cs, report, status)
    call check_at_most(t, 'stencil: symmetric, ce(i,j) = cw(i+1,j) and cn(i,j) = cs(i,j+1)', &
                       maxval(abs(ce(1:nx-1,:) - cw(2:nx,:))) + maxval(abs(cn(:,1:ny-1) - cs(:,2:ny))), 0.0_dp)
  end subroutine stencil_is_symmetric

end program test_shallow_water
