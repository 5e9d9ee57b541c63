! Preconditioners of conjugate gradients for the elevation system: iterations and time of one solve.
!
! The system is that of a step in the talk's basin (cells of 10 km, a dry ring, depth 15 m plus a Gaussian random field of
! covariance 5 m2 * exp(-r**2/100), r in cells), ten steps after a bump of 0.1 m was let go, on 100 x 100 and 500 x 500 cells.
! Its right-hand side and matrix are made by the model's own loops. Solved from zero to ||r|| <= 1e-12*||b||, what each
! method makes of the matrix included, by
!   diagonal        conjugate gradients with the diagonal (module diagonal_conjugate_gradients),
!   red-black       the same on the red cells, black ones eliminated (module conjugate_gradients, what the model uses),
!   IC, MIC         conjugate gradients with an incomplete Cholesky factor without fill, plain and modified (Gustafsson
!                   1978, BIT 18, 142-156: what is dropped goes to the diagonal), written here.
! Prints a table for docs/scheme.md.
program elevation_solvers
  use, intrinsic :: iso_fortran_env, only: dp => real64, int64
  use shallow_water
  use semi_implicit_loops
  use conjugate_gradients
  use diagonal_conjugate_gradients
  use cholesky_benchmark
  use sw_status
  implicit none

  integer, parameter :: sizes(2) = [100, 500]
  real(dp), parameter :: steps(2) = [300.0_dp, 1500.0_dp], tolerance = 1.0e-12_dp
  integer :: k, l

  print '(a)', '| cells | dt, s | diagonal | red-black | IC | MIC |'
  print '(a)', '|---|---|---|---|---|---|'
  do k = 1, size(sizes)
    do l = 1, size(steps)
      call one_case(sizes(k), steps(l))
    end do
  end do
  print '(a)', 'Milliseconds of one solve on one core, best of several (iterations).'

contains

  subroutine one_case(n, dt)
    integer, intent(in)  :: n
    real(dp), intent(in) :: dt
    real(dp), allocatable, dimension(:,:) :: ce, cn, b, x, first_x
    real(dp), allocatable :: work(:,:,:), lane1(:), lane2(:)
    type(cg_workspace), target :: red_black
    character(len=24) :: cells(4)
    real(dp) :: norm_b, residual, best
    integer  :: method, repeat, repeats, iterations, i, j, outcome
    integer(int64) :: start, finish, rate
    logical  :: failed

    allocate (ce(0:n+1,0:n+1), cn(0:n+1,0:n+1), b(0:n+1,0:n+1), x(0:n+1,0:n+1), first_x(0:n+1,0:n+1), &
              work(0:n+1,0:n+1,7), source=0.0_dp)
    allocate (lane1(n), lane2(n))
    call system_of_a_step(n, dt, ce, cn, b)
    call cg_allocate(n, n, .false., .false., red_black, failed)
    if (failed) error stop 'out of memory'
    repeats = merge(50, 5, n < 200)
    do method = 1, size(cells)
      best = huge(best)
      do repeat = 1, repeats
        call system_clock(start, rate)
        select case (method)
        case (1)
          call diagonal_factor(n, n, ce, cn, work(:,:,1), work(:,:,2), work(:,:,3), work(:,:,4))
          call diagonal_solve(n, n, .false., .false., b, tolerance, 0.0_dp, 10000, work(:,:,1), work(:,:,2), work(:,:,3), &
                              work(:,:,4), work(:,:,5), work(:,:,6), work(:,:,7), lane1, lane2, x, norm_b, iterations, &
                              residual, i, j, outcome)
        case (2)
          call cg_factor(n, n, ce, cn, red_black)
          call cg_solve(n, n, b, tolerance, 0.0_dp, 10000, red_black, x, norm_b, iterations, residual, i, j, outcome)
        case default
          call cholesky_cg(n, merge(1.0_dp, 0.0_dp, method == 4), ce, cn, b, tolerance, 10000, x, iterations, outcome)
        end select
        call system_clock(finish)
        best = min(best, 1.0e3_dp*real(finish - start, dp)/real(rate, dp))
        if (outcome /= cg_converged) error stop 'a solve did not converge'
      end do
      ! All must have the same solution.
      if (method == 1) first_x = x
      if (maxval(abs(x - first_x)) > 1.0e-9_dp*maxval(abs(first_x))) error stop 'solutions differ'
      write (cells(method), '(f6.2,a,i0,a)') best, ' (', iterations, ')'
    end do
    print '(a,i0,a,i0,*(a))', '| ', n, '^2 | ', nint(dt), (' | ', trim(adjustl(cells(method))), method = 1, size(cells)), ' |'
  end subroutine one_case

  ! Couplings and right-hand side of the eleventh step.
  subroutine system_of_a_step(n, dt, ce, cn, b)
    integer, intent(in)  :: n
    real(dp), intent(in) :: dt
    real(dp), intent(inout), dimension(0:n+1,0:n+1) :: ce, cn, b
    real(dp), allocatable, dimension(:,:) :: depth, zeta, u, v
    real(dp), allocatable, dimension(:,:,:) :: field
    type(sw_parameters) :: p
    type(sw_report) :: report
    integer :: status
    integer(int64) :: broken

    p = sw_parameters(nx=n, ny=n, dx=1.0e4_dp, dy=1.0e4_dp, dt=dt)
    allocate (depth(n,n), zeta(n,n), u(n,n), v(n,n), source=0.0_dp)
    call random_depth(n, depth)
    zeta(n/3:n/3+7,n/2:n/2+7) = 0.1_dp
    call sw_run(p, depth, zeta, u, v, 10, report, status)
    if (status /= sw_ok) error stop 'the model failed'
    allocate (field(0:n+1,0:n+1,10), source=0.0_dp)
    associate (mu => field(:,:,1), mv => field(:,:,2), d => field(:,:,3), z => field(:,:,4), pu => field(:,:,5), &
               pv => field(:,:,6), hu => field(:,:,7), hv => field(:,:,8), un => field(:,:,9), vn => field(:,:,10))
      field(1:n,1:n,3) = max(depth, 0.0_dp)
      field(1:n,1:n,4) = zeta
      field(1:n,1:n,5) = u
      field(1:n,1:n,6) = v
      where (depth(:n-1,:) > sw_wet_threshold .and. depth(2:,:) > sw_wet_threshold) field(1:n-1,1:n,1) = 1
      where (depth(:,:n-1) > sw_wet_threshold .and. depth(:,2:) > sw_wet_threshold) field(1:n,1:n-1,2) = 1
      call face_depths(n, n, .false., d, z, mu, mv, hu, hv, broken)
      call stencil_coefficients(n, n, p%dx, p%dy, p%dt, p%gravity, p%wimp, hu, hv, ce, cn)
      call explicit_velocity(n, n, 1, 0, p%dx, p%dx, p%dy, p%dt, p%gravity, p%cd, 0.0_dp, p%ah, mu, hu, z, pu, un)
      call explicit_velocity(n, n, 0, 1, p%dy, p%dx, p%dy, p%dt, p%gravity, p%cd, 0.0_dp, p%ah, mv, hv, z, pv, vn)
      call continuity(n, n, p%dx, p%dy, p%dt, 1 - p%wimp, p%wimp, hu, hv, pu, pv, un, vn, b)
    end associate
  end subroutine system_of_a_step

  ! The Gaussian random field as a sum of 400 random waves, wave numbers normal with deviation sqrt(2)/10 a cell.
  subroutine random_depth(n, depth)
    integer, intent(in)   :: n
    real(dp), intent(out) :: depth(n,n)
    integer, parameter :: waves = 400
    real(dp), parameter :: two_pi = 2*acos(-1.0_dp)
    real(dp) :: a, angle, k
    integer(int64) :: seed
    integer :: i, j, m

    seed = 1
    depth = 15
    do m = 1, waves
      k = 0.1_dp*sqrt(2.0_dp)*sqrt(-2*log(uniform(seed)))
      angle = two_pi*uniform(seed)
      a = two_pi*uniform(seed)
      do j = 1, n
        do i = 1, n
          depth(i,j) = depth(i,j) + sqrt(5*2.0_dp/waves)*cos(k*(cos(angle)*i + sin(angle)*j) + a)
        end do
      end do
    end do
    depth(1,:) = 0
    depth(n,:) = 0
    depth(:,1) = 0
    depth(:,n) = 0
  end subroutine random_depth

  ! Park and Miller's generator, 0 < x < 1.
  real(dp) function uniform(seed)
    integer(int64), intent(inout) :: seed
    seed = mod(16807*seed, 2147483647_int64)
    uniform = real(seed, dp)/2147483647
  end function uniform

end program elevation_solvers
