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
!
! The same source is the model and, compiled for complex numbers, its complex step (scalar.h). FIELD is the kind of a
! state and of the coefficients F, h, c, b: what derivatives are taken of.
#include "scalar.h"
module lorenz96
  use, intrinsic :: iso_fortran_env, only: dp => real64, int64
  use sw_status
  use lorenz96_types
  implicit none
  private
  public :: l96_parameters, l96_report, l96_parameter_status, l96_coefficients, l96_run, l96_run_with, l96_tendency
  ! The parts of a step, for its derivatives.
  public :: workspace, prepare, load_stage, evaluate, accumulate, one_step, first_not_finite, coefficients_of

  ! The coefficients of the equations; l96_parameters has real ones.
  type :: l96_coefficients
    FIELD :: forcing = 0, h = 0, c = 0, b = 0
  end type l96_coefficients

  ! A padded stage of a step, and vectors of k + k*j; on the heap, since threads may have small stacks.
  type :: workspace
    FIELD, allocatable :: x(:), y(:)        ! the rings, (-1:k+2) and (-1:k*j+2): halos spare the loops the wrap-around
    FIELD, allocatable :: now(:)            ! state at the start of the step
    FIELD, allocatable :: slope(:)          ! tendency of a stage
    FIELD, allocatable :: total(:)          ! weighted sum of the tendencies, then the state at the end of the step
  end type workspace

  ! The classical Runge-Kutta scheme: where along dt*slope of the stage before it each stage looks, and its share of six.
  real(dp), parameter, public :: stage_shift(4) = [0.0_dp, 0.5_dp, 0.5_dp, 1.0_dp]
  real(dp), parameter, public :: stage_weight(4) = [1.0_dp, 2.0_dp, 2.0_dp, 1.0_dp]

contains

  ! Advances a state in place by a number of steps.
  ! On failure the state is the last completed one, report%completed_steps after the given one.
  subroutine l96_run(parameters, state, steps, report, status)
    type(l96_parameters), intent(in) :: parameters  ! see module lorenz96_types
    FIELD, intent(inout)    :: state(*)             ! k + k*j values, X then Y
    integer, intent(in)     :: steps                ! time steps to take, >= 0
    type(l96_report), intent(out) :: report         ! what the run did and where it failed
    integer, intent(out)    :: status               ! see module sw_status

    call l96_run_with(parameters, coefficients_of(parameters), state, steps, report, status)
  end subroutine l96_run

  ! The same with coefficients, in place of those among the parameters, that may carry imaginary parts.
  subroutine l96_run_with(parameters, coefficients, state, steps, report, status)
    type(l96_parameters), intent(in) :: parameters      ! must be valid
    type(l96_coefficients), intent(in) :: coefficients  ! not checked
    FIELD, intent(inout)    :: state(*)
    integer, intent(in)     :: steps
    type(l96_report), intent(out) :: report
    integer, intent(out)    :: status
    type(workspace) :: w
    integer :: n, step, i

    status = l96_parameter_status(parameters)
    if (steps < 0) status = l96_bad_size
    if (status /= sw_ok) return
    call prepare(parameters, state, n, w, report, status)
    if (status /= sw_ok) return

    do step = 1, steps
      call one_step(parameters, coefficients, n, w%x, w%y, w%now, w%slope, w%total)
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
  end subroutine l96_run_with

  ! The right-hand side of the equations: d(state)/dt.
  subroutine l96_tendency(parameters, state, tendency, report, status)
    type(l96_parameters), intent(in) :: parameters  ! dt must be valid but is not used
    FIELD, intent(in)       :: state(*)             ! k + k*j values, X then Y
    FIELD, intent(inout)    :: tendency(*)          ! k + k*j values, out; untouched on failure
    type(l96_report), intent(out) :: report         ! place of a failure
    integer, intent(out)    :: status               ! see module sw_status
    type(workspace) :: w
    integer :: n, i

    status = l96_parameter_status(parameters)
    if (status /= sw_ok) return
    call prepare(parameters, state, n, w, report, status)
    if (status /= sw_ok) return
    call load_stage(parameters, n, w%now, 0.0_dp, w%slope, w%x, w%y)
    call evaluate(parameters, coefficients_of(parameters), n, w%x, w%y, w%slope)
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
  pure subroutine one_step(p, q, n, x, y, now, slope, total)
    type(l96_parameters), intent(in) :: p
    type(l96_coefficients), intent(in) :: q
    integer, intent(in)  :: n                                      ! k + k*j
    FIELD, intent(inout) :: x(-1:p%k+2), y(-1:p%k*p%j+2)           ! work: the rings of a stage
    FIELD, intent(in)    :: now(n)
    FIELD, intent(inout) :: slope(n)                               ! work: the tendency of a stage
    FIELD, intent(inout) :: total(n)                               ! out
    integer :: stage

    do stage = 1, 4
      call load_stage(p, n, now, stage_shift(stage)*p%dt, slope, x, y)
      call evaluate(p, q, n, x, y, slope)
      call accumulate(n, stage, p%dt, now, slope, total)
    end do
  end subroutine one_step

  ! The rings of the state now + shift*slope, closed through their halos. Linear: its own tangent-linear.
  pure subroutine load_stage(p, n, now, shift, slope, x, y)
    type(l96_parameters), intent(in) :: p
    integer, intent(in)  :: n
    FIELD, intent(in)    :: now(n), slope(n)
    real(dp), intent(in) :: shift
    FIELD, intent(inout) :: x(-1:p%k+2), y(-1:p%k*p%j+2)
    integer :: i, fast

    fast = p%k*p%j
    do i = 1, p%k
      x(i) = now(i) + shift*slope(i)
    end do
    x(-1) = x(p%k-1)
    x(0) = x(p%k)
    x(p%k+1) = x(1)
    x(p%k+2) = x(2)
    if (fast == 0) return
    do i = 1, fast
      y(i) = now(p%k+i) + shift*slope(p%k+i)
    end do
    y(-1) = y(fast-1)
    y(0) = y(fast)
    y(fast+1) = y(1)
    y(fast+2) = y(2)
  end subroutine load_stage

  ! The tendency of closed rings.
  pure subroutine evaluate(p, q, n, x, y, slope)
    type(l96_parameters), intent(in) :: p
    type(l96_coefficients), intent(in) :: q
    integer, intent(in)  :: n
    FIELD, intent(in)    :: x(-1:p%k+2), y(-1:p%k*p%j+2)
    FIELD, intent(inout) :: slope(n)
    FIELD :: sum_y, drive
    integer :: k, j, m

    do k = 1, p%k
      slope(k) = x(k-1)*(x(k+1) - x(k-2)) - x(k) + q%forcing
    end do
    if (p%j == 0) return
    do k = 1, p%k
      sum_y = 0
      drive = q%h/p%j*x(k)
      do j = 1, p%j
        m = (k - 1)*p%j + j
        sum_y = sum_y + y(m)
        slope(p%k+m) = q%c*(q%b*y(m+1)*(y(m-1) - y(m+2)) - y(m) + drive)
      end do
      slope(k) = slope(k) - q%h*q%c*(sum_y/p%j)
    end do
  end subroutine evaluate

  ! Adds the slope of a stage to the weighted sum; after the last one, total is the state at the end of the step.
  ! Linear: its own tangent-linear.
  pure subroutine accumulate(n, stage, dt, now, slope, total)
    integer, intent(in)  :: n, stage
    real(dp), intent(in) :: dt
    FIELD, intent(in)    :: now(n), slope(n)
    FIELD, intent(inout) :: total(n)
    integer :: i

    select case (stage)
    case (1)
      do i = 1, n
        total(i) = slope(i)
      end do
    case (2, 3)
      do i = 1, n
        total(i) = total(i) + stage_weight(2)*slope(i)
      end do
    case (4)
      do i = 1, n
        total(i) = now(i) + dt/6*(total(i) + slope(i))
      end do
    end select
  end subroutine accumulate

  ! Allocates the work arrays, copies the state in and checks it.
  subroutine prepare(p, state, n, w, report, status)
    type(l96_parameters), intent(in) :: p
    FIELD, intent(in)     :: state(*)
    integer, intent(out)  :: n                      ! k + k*j
    type(workspace), intent(inout) :: w             ! not allocated yet
    type(l96_report), intent(inout) :: report
    integer, intent(out)  :: status
    integer :: i, code

    n = p%k + p%k*p%j
    allocate (w%x(-1:p%k+2), w%y(-1:p%k*p%j+2), w%now(n), w%slope(n), w%total(n), stat=code)
    if (code /= 0) then
      status = sw_out_of_memory
      return
    end if
    do i = 1, n
      w%now(i) = state(i)
    end do
    w%slope = 0
    w%y = 0
    status = sw_ok
    report%place = first_not_finite(n, w%now)
    if (report%place > 0) status = l96_state_not_finite
  end subroutine prepare

  ! The coefficients among the parameters.
  pure function coefficients_of(p) result(q)
    type(l96_parameters), intent(in) :: p
    type(l96_coefficients) :: q

    q%forcing = p%forcing
    q%h = p%h
    q%c = p%c
    q%b = p%b
  end function coefficients_of

  ! First element that is NaN or infinite; 0 if there is none.
  pure function first_not_finite(n, values) result(place)
    integer, intent(in)  :: n
    FIELD, intent(in)    :: values(n)
    integer :: place, i
    integer(int64) :: bad  ! as wide as the reals, to vectorise

    bad = 0
    do i = 1, n
      bad = bad + merge(0_int64, 1_int64, abs(values(i)) <= huge(1.0_dp))
    end do
    place = 0
    if (bad == 0) return
    do i = n, 1, -1
      if (.not. abs(values(i)) <= huge(1.0_dp)) place = i
    end do
  end function first_not_finite

end module lorenz96
