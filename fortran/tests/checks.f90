! What the test programs share: counting, the fields that need no file, and measures of a state.
module checks
  use, intrinsic :: iso_fortran_env, only: dp => real64
  use, intrinsic :: ieee_arithmetic, only: ieee_value, ieee_quiet_nan
  use shallow_water
  use sw_status
  implicit none
  private
  public :: check_at_most, check_equal, check_order, finish, advance, rough_basin, rough_sea, bump, energy, rough_rings

  real(dp), parameter, public :: pi = acos(-1.0_dp)

  type, public :: tally
    integer :: passed = 0, failed = 0
  end type tally

contains

  ! Prints a property with its measured value and bound.
  subroutine check_at_most(t, name, value, bound)
    type(tally), intent(inout)   :: t
    character(len=*), intent(in) :: name
    real(dp), intent(in)         :: value, bound

    call count_one(t, value <= bound)  ! a NaN fails
    print '(a,1x,a,t78,es9.2,a,es9.2)', verdict(value <= bound), name, value, '  bound', bound
  end subroutine check_at_most

  subroutine check_equal(t, name, value, expected)
    type(tally), intent(inout)   :: t
    character(len=*), intent(in) :: name
    integer, intent(in)          :: value, expected

    call count_one(t, value == expected)
    print '(a,1x,a,t78,i9,a,i9)', verdict(value == expected), name, value, '  expected', expected
  end subroutine check_equal

  ! Prints the order of convergence that errors show when the spacing is halved each time; it must reach the bound in
  ! the last refinement.
  subroutine check_order(t, name, errors, bound)
    type(tally), intent(inout)   :: t
    character(len=*), intent(in) :: name
    real(dp), intent(in)         :: errors(:), bound
    real(dp) :: orders(size(errors)-1)

    orders = log(errors(:size(orders))/errors(2:))/log(2.0_dp)
    print '(5x,a,*(es9.2))', name//', errors:', errors
    call count_one(t, orders(size(orders)) >= bound)
    print '(a,1x,a,t78,f9.4,a,f9.4)', verdict(orders(size(orders)) >= bound), name//': observed order', &
      orders(size(orders)), '  at least', bound
  end subroutine check_order

  subroutine count_one(t, good)
    type(tally), intent(inout) :: t
    logical, intent(in) :: good

    if (good) then
      t%passed = t%passed + 1
    else
      t%failed = t%failed + 1
    end if
  end subroutine count_one

  pure function verdict(good) result(word)
    logical, intent(in) :: good
    character(len=4) :: word
    word = merge('ok  ', 'FAIL', good)
  end function verdict

  ! Prints the totals; an error exit when anything failed.
  subroutine finish(t)
    type(tally), intent(in) :: t

    print '(i0,a,i0,a)', t%passed, ' passed, ', t%failed, ' failed'
    if (t%failed > 0) stop 1
  end subroutine finish

  ! sw_run. A run that fails says so and leaves NaN, which no check passes.
  subroutine advance(p, depth, zeta, u, v, steps, forcing, first_step)
    type(sw_parameters), intent(in) :: p
    real(dp), intent(in)    :: depth(p%nx,p%ny)
    real(dp), intent(inout), dimension(p%nx,p%ny) :: zeta, u, v
    integer, intent(in)     :: steps
    type(sw_forcing), intent(in), optional :: forcing
    integer, intent(in), optional :: first_step
    type(sw_report) :: report
    integer :: status

    call sw_run(p, depth, zeta, u, v, steps, report, status, forcing, first_step)
    if (status == sw_ok) return
    print '(5x,3a,i0,a,i0,a,i0,a)', 'run failed: ', trim(sw_status_text(status)), ' (step ', report%completed_steps + 1, &
      ', cell ', report%i, ', ', report%j, ')'
    zeta = ieee_value(1.0_dp, ieee_quiet_nan)
    u = zeta
    v = zeta
  end subroutine advance

  ! A sea of rough depth, 10 .. 20 m, with two islands; no random numbers, but no symmetry either.
  pure subroutine rough_sea(nx, ny, depth)
    integer, intent(in)   :: nx, ny
    real(dp), intent(out) :: depth(nx,ny)
    integer :: i, j

    do j = 1, ny
      do i = 1, nx
        depth(i,j) = 15 + 5*sin(1.7_dp*i + 0.3_dp*i*j)*cos(2.3_dp*j)
      end do
    end do
    depth(nx/3:nx/3+2, ny/4:ny/2) = -1
    depth(2*nx/3, 2*ny/3) = 0
  end subroutine rough_sea

  ! The same with a dry outer ring.
  pure subroutine rough_basin(nx, ny, depth)
    integer, intent(in)   :: nx, ny
    real(dp), intent(out) :: depth(nx,ny)

    call rough_sea(nx, ny, depth)
    depth(1,:) = 0
    depth(nx,:) = -3
    depth(:,1) = 0.05_dp
    depth(:,ny) = 0
  end subroutine rough_basin

  ! A square bump of 0.1 m, zero elsewhere.
  pure subroutine bump(nx, ny, zeta)
    integer, intent(in)   :: nx, ny
    real(dp), intent(out) :: zeta(nx,ny)

    zeta = 0
    zeta(nx/2:nx/2+4, ny/2:ny/2+4) = 0.1_dp
  end subroutine bump

  ! Energy of the linear model per unit of density, 1/2*sum(g*zeta**2 + h*(u**2 + v**2))*dx*dy, m5/s2. The velocities of
  ! closed faces must be zero.
  pure function energy(p, depth, zeta, u, v) result(e)
    type(sw_parameters), intent(in) :: p
    real(dp), intent(in), dimension(p%nx, p%ny) :: depth, zeta, u, v
    real(dp) :: e
    integer :: i, j

    e = 0
    do j = 1, p%ny
      do i = 1, p%nx
        if (depth(i,j) > sw_wet_threshold) e = e + p%gravity*zeta(i,j)**2
        e = e + 0.5_dp*(depth(i,j) + depth(modulo(i, p%nx)+1,j))*u(i,j)**2 &
              + 0.5_dp*(depth(i,j) + depth(i,modulo(j, p%ny)+1))*v(i,j)**2
      end do
    end do
    e = 0.5_dp*e*p%dx*p%dy
  end function energy

  ! A Lorenz '96 state of k slow and k*j fast variables: X about 2 +- 4, Y some tenths.
  pure function rough_rings(k, j) result(s)
    integer, intent(in) :: k, j
    real(dp) :: s(k + k*j)
    integer :: i

    do i = 1, k
      s(i) = 2 + 4*sin(1.7_dp*i + 0.03_dp*i*i)
    end do
    do i = 1, k*j
      s(k+i) = 0.4_dp*cos(2.3_dp*i + 0.011_dp*i*i) + 0.1_dp
    end do
  end function rough_rings

end module checks
