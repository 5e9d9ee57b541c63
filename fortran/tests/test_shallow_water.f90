! Properties of the shallow-water step: repeatability, land, and the public stencil.
program test_shallow_water
  use, intrinsic :: iso_fortran_env, only: dp => real64
  use, intrinsic :: ieee_arithmetic, only: ieee_value, ieee_quiet_nan, ieee_is_nan
  use shallow_water
  use sw_status
  use checks
  use option_cases
  implicit none

  type(tally) :: t
  type(option_case), allocatable :: cases(:)
  integer :: k

  call still_water_costs_nothing
  allocate (cases, source=all_cases())
  do k = 1, size(cases)
    call halves_equal_whole(cases(k))
  end do
  call dry_cells_do_not_leak
  call solution_satisfies_the_stencil
  call stencil_is_symmetric
  call finish(t)

contains

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

  ! Ten steps, or four and six that know where they start, give the same bits.
  subroutine halves_equal_whole(c)
    type(option_case), intent(in) :: c
    real(dp), dimension(c%p%nx,c%p%ny,3) :: x, whole, halves

    x = 0.3_dp*rough_state(c)
    whole = x
    halves = x
    call advance(c%p, c%depth, whole(:,:,1), whole(:,:,2), whole(:,:,3), 10, c%forcing, 5)
    call advance(c%p, c%depth, halves(:,:,1), halves(:,:,2), halves(:,:,3), 4, c%forcing, 5)
    call advance(c%p, c%depth, halves(:,:,1), halves(:,:,2), halves(:,:,3), 6, c%forcing, 9)
    call check_at_most(t, 'halves of a run against the whole, '//trim(c%name)//': difference', maxval(abs(whole - halves)), 0.0_dp)
    call check_at_most(t, '... and something moved: 1 / speed', 1/maxval(abs(whole(:,:,2:3) - x(:,:,2:3))), 100.0_dp)
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

  ! The couplings of neighbours, across periodic edges too, are the same number: the matrix is symmetric. Closed edges have
  ! none.
  subroutine stencil_is_symmetric
    integer, parameter :: nx = 30, ny = 25
    real(dp), dimension(nx,ny) :: depth, zeta, ce, cw, cn, cs
    type(sw_parameters) :: p
    type(sw_report) :: report
    integer :: status, k

    call rough_sea(nx, ny, depth)
    call bump(nx, ny, zeta)
    do k = 1, 2
      p = sw_parameters(nx=nx, ny=ny, dx=10000.0_dp, dy=8000.0_dp, dt=3000.0_dp, periodic_x=k == 2, periodic_y=k == 2)
      call sw_stencil(p, depth, zeta, ce, cw, cn, cs, report, status)
      call check_at_most(t, 'stencil: symmetric, '//merge('periodic', 'closed  ', k == 2), &
                         maxval(abs(ce - cshift(cw, 1, 1))) + maxval(abs(cn - cshift(cs, 1, 2))), 0.0_dp)
      call check_equal(t, '... with couplings across the edges', merge(0, 1, sum(abs(cw(1,:))) + sum(abs(cn(:,ny))) <= 0), k - 1)
    end do
  end subroutine stencil_is_symmetric

end program test_shallow_water
