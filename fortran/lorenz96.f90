! The models of Lorenz (1996) on a ring, of one and of two levels.
!
! E. N. Lorenz (1996): Predictability, a problem partly solved. Proc. Seminar on Predictability, ECMWF, vol. 1, 1-18.
!
! One level (j = 0), k slow variables:
!   dX(k)/dt = -X(k-1)*(X(k-2) - X(k+1)) - X(k) + forcing
! Two levels, j fast variables to each slow one, with the coupling scaled as by Rasp (2020, GMD 13, 2185-2196):
!   dX(k)/dt         = -X(k-1)*(X(k-2) - X(k+1)) - X(k) + forcing - h*c*mean over j of Y(j,k)
!   (1/c) dY(j,k)/dt = -b*Y(j+1,k)*(Y(j+2,k) - Y(j-1,k)) - Y(j,k) + h/J*X(k)
! Both rings close: X(K+1) = X(1), and the fast variables form one ring of K*J, Y(J+1,k) = Y(1,k+1), as Lorenz has it.
! (Some published code closes a ring within each sector k: another system.)
! Lorenz couples by h*c/b times the sum over j: the equations above with h*J/b for h. They are the same when b = J.
!
! A state is one vector: X(1..K), then Y(1..J,1), Y(1..J,2), ... The variables are dimensionless; Lorenz takes the time
! unit for five days. Time is stepped by the classical Runge-Kutta scheme of fourth order. The operations on each
! variable do not depend on its place, so that rotating a state by whole sectors rotates the result bit for bit.
!
! All procedures are re-entrant. They return a status of the module sw_status, never stop and never print.
module lorenz96
  use, intrinsic :: iso_fortran_env, only: dp => real64, int32, int64
  use sw_status
  implicit none
  private
  public :: l96_parameters, l96_report, l96_run, l96_tendency

  type :: l96_parameters
    integer  :: k = 40                      ! slow variables, >= 4
    integer  :: j = 0                       ! fast variables to each slow one; 0: one level, and h, c, b are not used
    real(dp) :: forcing = 8                 ! F
    real(dp) :: h = 1                       ! strength of the coupling
    real(dp) :: c = 10                      ! how much faster the fast variables are, > 0
    real(dp) :: b = 10                      ! how much smaller the fast variables are
    real(dp) :: dt = 0.05_dp                ! time step
  end type l96_parameters

  type :: l96_report
    integer :: completed_steps = 0          ! steps that the returned state is after the given one
    integer :: place = 0                    ! element of the state that failed, from 1; 0 without one
  end type l96_report

  ! A padded stage of a step, and vectors of k + k*j; on the heap, since threads may have small stacks.
  type :: workspace
    real(dp), allocatable :: x(:), y(:)     ! the rings, (-1:k+1) and (0:k*j+2): halos spare the loops the wrap-around
    real(dp), allocatable :: now(:)         ! state at the start of the step
    real(dp), allocatable :: slope(:)       ! tendency of a stage
    real(dp), allocatable :: total(:)       ! weighted sum of the tendencies, then the state at the end of the step
  end type workspace

contains

  ! Advances a state in place by a number of steps.
  ! On failure the state is the last completed one, report%completed_steps after the given one.
  subroutine l96_run(parameters, state, steps, report, status)
    type(l96_parameters), intent(in) :: parameters  ! see above
    real(dp), intent(inout) :: state(*)             ! k + k*j values, X then Y
    integer, intent(in)     :: steps                ! time steps to take, >= 0
    type(l96_report), intent(out) :: report         ! what the run did and where it failed
    integer, intent(out)    :: status               ! see module sw_status
    type(workspace) :: w
    integer :: n, step, i

    status = parameter_status(parameters)
    if (steps < 0) status = l96_bad_size
    if (status /= sw_ok) return
    call prepare(parameters, state, n, w, report, status)
    if (status /= sw_ok) return

    do step = 1, steps
      call one_step(parameters, n, w%x, w%y, w%now, w%slope, w%total)
      report%place = first_not_finite(n, w%total)
      if (report%place > 0) then
        status = l96_not_finite
        exit
      end if
      do i = 1, n
        w%now(i) = w%total(i)
      end do
      report%completed_steps = step
    end do
    do i = 1, n
      state(i) = w%now(i)
    end do
  end subroutine l96_run

  ! The right-hand side of the equations: d(state)/dt.
  subroutine l96_tendency(parameters, state, tendency, report, status)
    type(l96_parameters), intent(in) :: parameters  ! dt must be valid but is not used
    real(dp), intent(in)    :: state(*)             ! k + k*j values, X then Y
    real(dp), intent(inout) :: tendency(*)          ! k + k*j values, out; untouched on failure
    type(l96_report), intent(out) :: report         ! place of a failure
    integer, intent(out)    :: status               ! see module sw_status
    type(workspace) :: w
    integer :: n, i

    status = parameter_status(parameters)
    if (status /= sw_ok) return
    call prepare(parameters, state, n, w, report, status)
    if (status /= sw_ok) return
    w%slope = 0
    call load_stage(parameters, n, w%now, 0.0_dp, w%slope, w%x, w%y)
    call evaluate(parameters, n, w%x, w%y, w%slope)
    report%place = first_not_finite(n, w%slope)
    if (report%place > 0) then
      status = l96_not_finite
      return
    end if
    do i = 1, n
      tendency(i) = w%slope(i)
    end do
  end subroutine l96_tendency

  ! One step of the classical Runge-Kutta scheme, from now to total.
  pure subroutine one_step(p, n, x, y, now, slope, total)
    type(l96_parameters), intent(in) :: p
    integer, intent(in)     :: n                                   ! k + k*j
    real(dp), intent(inout) :: x(-1:p%k+1), y(0:p%k*p%j+2)         ! work: the rings of a stage
    real(dp), intent(in)    :: now(n)
    real(dp), intent(inout) :: slope(n)                            ! work: the tendency of a stage
    real(dp), intent(inout) :: total(n)                            ! out
    integer :: i

    call load_stage(p, n, now, 0.0_dp, slope, x, y)
    call evaluate(p, n, x, y, slope)
    do i = 1, n
      total(i) = slope(i)
    end do
    call load_stage(p, n, now, 0.5_dp*p%dt, slope, x, y)
    call evaluate(p, n, x, y, slope)
    do i = 1, n
      total(i) = total(i) + 2*slope(i)
    end do
    call load_stage(p, n, now, 0.5_dp*p%dt, slope, x, y)
    call evaluate(p, n, x, y, slope)
    do i = 1, n
      total(i) = total(i) + 2*slope(i)
    end do
    call load_stage(p, n, now, p%dt, slope, x, y)
    call evaluate(p, n, x, y, slope)
    do i = 1, n
      total(i) = now(i) + p%dt/6*(total(i) + slope(i))
    end do
  end subroutine one_step

  ! The rings of the state now + shift*slope, closed through their halos.
  pure subroutine load_stage(p, n, now, shift, slope, x, y)
    type(l96_parameters), intent(in) :: p
    integer, intent(in)     :: n
    real(dp), intent(in)    :: now(n), shift, slope(n)
    real(dp), intent(inout) :: x(-1:p%k+1), y(0:p%k*p%j+2)
    integer :: i, fast

    fast = p%k*p%j
    do i = 1, p%k
      x(i) = now(i) + shift*slope(i)
    end do
    x(-1) = x(p%k-1)
    x(0) = x(p%k)
    x(p%k+1) = x(1)
    if (fast == 0) return
    do i = 1, fast
      y(i) = now(p%k+i) + shift*slope(p%k+i)
    end do
    y(0) = y(fast)
    y(fast+1) = y(1)
    y(fast+2) = y(2)
  end subroutine load_stage

  ! The tendency of closed rings.
  pure subroutine evaluate(p, n, x, y, slope)
    type(l96_parameters), intent(in) :: p
    integer, intent(in)     :: n
    real(dp), intent(in)    :: x(-1:p%k+1), y(0:p%k*p%j+2)
    real(dp), intent(inout) :: slope(n)
    real(dp) :: sum_y, drive
    integer :: k, j, m

    do k = 1, p%k
      slope(k) = x(k-1)*(x(k+1) - x(k-2)) - x(k) + p%forcing
    end do
    if (p%j == 0) return
    do k = 1, p%k
      sum_y = 0
      drive = p%h/p%j*x(k)
      do j = 1, p%j
        m = (k - 1)*p%j + j
        sum_y = sum_y + y(m)
        slope(p%k+m) = p%c*(p%b*y(m+1)*(y(m-1) - y(m+2)) - y(m) + drive)
      end do
      slope(k) = slope(k) - p%h*p%c*(sum_y/p%j)
    end do
  end subroutine evaluate

  ! Allocates the work arrays, copies the state in and checks it.
  subroutine prepare(p, state, n, w, report, status)
    type(l96_parameters), intent(in) :: p
    real(dp), intent(in)  :: state(*)
    integer, intent(out)  :: n                      ! k + k*j
    type(workspace), intent(inout) :: w             ! not allocated yet
    type(l96_report), intent(inout) :: report
    integer, intent(out)  :: status
    integer :: i, code

    n = p%k + p%k*p%j
    allocate (w%x(-1:p%k+1), w%y(0:p%k*p%j+2), w%now(n), w%slope(n), w%total(n), source=0.0_dp, stat=code)
    if (code /= 0) then
      status = sw_out_of_memory
      return
    end if
    do i = 1, n
      w%now(i) = state(i)
    end do
    status = sw_ok
    report%place = first_not_finite(n, w%now)
    if (report%place > 0) status = l96_state_not_finite
  end subroutine prepare

  ! What is wrong with the parameters, sw_ok if nothing. Comparisons are written so that NaN fails them.
  pure function parameter_status(p) result(status)
    type(l96_parameters), intent(in) :: p
    integer :: status

    status = sw_ok
    if (p%k < 4 .or. p%j < 0 .or. p%k*(p%j + 1_int64) > huge(1_int32) - 4) then
      status = l96_bad_size
    else if (.not. (p%dt > 0 .and. finite(p%dt))) then
      status = l96_bad_time_step
    else if (.not. finite(p%forcing)) then
      status = l96_bad_forcing
    else if (p%j > 0 .and. .not. (finite(p%h) .and. finite(p%b) .and. p%c > 0 .and. finite(p%c))) then
      status = l96_bad_coupling
    end if
  end function parameter_status

  ! First element that is NaN or infinite; 0 if there is none.
  pure function first_not_finite(n, values) result(place)
    integer, intent(in)  :: n
    real(dp), intent(in) :: values(n)
    integer :: place, i
    integer(int64) :: bad  ! as wide as the reals, to vectorise

    bad = 0
    do i = 1, n
      bad = bad + merge(0_int64, 1_int64, abs(values(i)) <= huge(1.0_dp))
    end do
    place = 0
    if (bad == 0) return
    do i = n, 1, -1
      if (.not. finite(values(i))) place = i
    end do
  end function first_not_finite

  ! Neither NaN nor infinite.
  elemental logical function finite(x)
    real(dp), intent(in) :: x
    finite = abs(x) <= huge(x)
  end function finite

end module lorenz96
