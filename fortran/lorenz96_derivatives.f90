! Tangent-linear and adjoint of the Lorenz '96 models over any number of steps, hand-written.
!
! With M the model over the steps, a function of the state and of the forcing F, l96_tangent applies its Jacobian at a
! state to a perturbation of both and l96_adjoint the transposed Jacobian to a cotangent; h, c, b and dt are held fixed.
! Both are exact to rounding. Names end in _tl and _ad.
!
! The tangent-linear goes along with the model and keeps one step. The adjoint goes back in time: it first takes the steps
! and keeps the state at the start of each, steps*(k + k*j) reals, then takes each step again for its four stages; the last
! step's are still there. A step of the tangent-linear costs about 2.2 of the model's, one of the adjoint about
! 3.7, a single one 2.8.
module lorenz96_derivatives
  use, intrinsic :: iso_fortran_env, only: dp => real64, int64
  use sw_status
  use lorenz96
  implicit none
  private
  public :: l96_tangent, l96_adjoint

contains

  ! Replaces a perturbation of a state by the perturbation, to first order, of the state some steps later.
  ! On failure the perturbation is untouched.
  subroutine l96_tangent(parameters, state, steps, state_tl, forcing_tl, report, status)
    type(l96_parameters), intent(in) :: parameters  ! see module lorenz96_types
    real(dp), intent(in)    :: state(*)             ! k + k*j values, X then Y
    integer, intent(in)     :: steps                ! time steps, >= 0; 0 leaves the perturbation as it is
    real(dp), intent(inout) :: state_tl(*)          ! perturbation of the state, k + k*j values
    real(dp), intent(in)    :: forcing_tl           ! perturbation of F in all steps
    type(l96_report), intent(out) :: report         ! what was done and where it failed
    integer, intent(out)    :: status               ! see module sw_status
    type(workspace) :: w, tl
    integer :: n, step

    call linearise(parameters, state, steps, state_tl, n, w, tl, report, status)
    if (status == sw_ok .and. .not. abs(forcing_tl) <= huge(forcing_tl)) status = sw_perturbation_not_finite
    if (status /= sw_ok) return
    do step = 1, steps
      call one_step_tl(parameters, n, forcing_tl, w%x, w%y, w%now, w%slope, w%total, tl%x, tl%y, tl%now, tl%slope, tl%total)
      report%place = first_not_finite(n, w%total)
      if (report%place == 0) report%place = first_not_finite(n, tl%total)
      if (report%place > 0) then
        status = l96_not_finite
        return
      end if
      call copy(n, w%total, w%now)
      call copy(n, tl%total, tl%now)
      report%completed_steps = step
    end do
    call copy(n, tl%now, state_tl)
  end subroutine l96_tangent

  ! Replaces the gradient of a number with respect to the state some steps later by its gradient with respect to the
  ! state, and gives that with respect to F. On failure both are untouched, and report%completed_steps is one less than
  ! the step that failed, forwards or backwards.
  subroutine l96_adjoint(parameters, state, steps, state_ad, forcing_ad, report, status)
    type(l96_parameters), intent(in) :: parameters  ! see module lorenz96_types
    real(dp), intent(in)    :: state(*)             ! k + k*j values, X then Y
    integer, intent(in)     :: steps                ! time steps, >= 0; 0 leaves the gradient as it is
    real(dp), intent(inout) :: state_ad(*)          ! gradient with respect to the state, k + k*j values
    real(dp), intent(inout) :: forcing_ad           ! gradient with respect to F in all steps, out
    type(l96_report), intent(out) :: report         ! what was done and where it failed
    integer, intent(out)    :: status               ! see module sw_status
    type(workspace) :: w, ad
    real(dp), allocatable :: x(:,:), y(:,:)         ! the rings of the four stages of a step
    real(dp), allocatable :: kept(:,:)              ! the state at the start of each step
    real(dp), allocatable :: stage_ad(:)            ! what belongs to the state at which a stage looks
    real(dp), allocatable :: share(:)               ! gradients with respect to F in each slow tendency
    integer :: n, step, code

    call linearise(parameters, state, steps, state_ad, n, w, ad, report, status)
    if (status /= sw_ok) return
    associate (p => parameters)
      allocate (x(-1:p%k+2,4), y(-1:p%k*p%j+2,4), kept(int(n, int64),int(steps, int64)), stage_ad(n), share(p%k), stat=code)
      if (code /= 0) then
        status = sw_out_of_memory
        return
      end if

      do step = 1, steps
        call copy(n, w%now, kept(:,step))
        call recorded_step(p, n, x, y, w%now, w%slope, w%total)
        report%place = first_not_finite(n, w%total)
        if (report%place > 0) then
          status = l96_not_finite
          return
        end if
        call copy(n, w%total, w%now)
        report%completed_steps = step
      end do

      share = 0
      do step = steps, 1, -1
        if (step < steps) call recorded_step(p, n, x, y, kept(:,step), w%slope, w%total)
        call one_step_ad(p, n, x, y, ad%now, ad%slope, ad%x, ad%y, stage_ad, ad%total, share)
        report%place = first_not_finite(n, ad%total)
        if (report%place > 0) then
          status = l96_not_finite
          report%completed_steps = step - 1
          return
        end if
        call copy(n, ad%total, ad%now)
      end do
    end associate
    call copy(n, ad%now, state_ad)
    forcing_ad = sum(share)
  end subroutine l96_adjoint

  ! One step and its tangent-linear. Stages and sums are linear: only the tendency has a tangent-linear of its own.
  pure subroutine one_step_tl(p, n, forcing_tl, x, y, now, slope, total, x_tl, y_tl, now_tl, slope_tl, total_tl)
    type(l96_parameters), intent(in) :: p
    integer, intent(in)     :: n
    real(dp), intent(in)    :: forcing_tl, now(n), now_tl(n)
    real(dp), intent(inout) :: x(-1:p%k+2), y(-1:p%k*p%j+2), slope(n), total(n)
    real(dp), intent(inout) :: x_tl(-1:p%k+2), y_tl(-1:p%k*p%j+2), slope_tl(n), total_tl(n)
    integer :: stage

    do stage = 1, 4
      call load_stage(p, n, now, stage_shift(stage)*p%dt, slope, x, y)
      call load_stage(p, n, now_tl, stage_shift(stage)*p%dt, slope_tl, x_tl, y_tl)
      call evaluate(p, coefficients_of(p), n, x, y, slope)
      call evaluate_tl(p, n, forcing_tl, x, y, x_tl, y_tl, slope_tl)
      call accumulate(n, stage, p%dt, now, slope, total)
      call accumulate(n, stage, p%dt, now_tl, slope_tl, total_tl)
    end do
  end subroutine one_step_tl

  ! The perturbation of the tendency of closed rings.
  pure subroutine evaluate_tl(p, n, forcing_tl, x, y, x_tl, y_tl, slope_tl)
    type(l96_parameters), intent(in) :: p
    integer, intent(in)     :: n
    real(dp), intent(in)    :: forcing_tl
    real(dp), intent(in), dimension(-1:p%k+2) :: x, x_tl
    real(dp), intent(in), dimension(-1:p%k*p%j+2) :: y, y_tl
    real(dp), intent(inout) :: slope_tl(n)
    real(dp) :: sum_y_tl, drive_tl
    integer :: k, j, m

    do k = 1, p%k
      slope_tl(k) = x_tl(k-1)*(x(k+1) - x(k-2)) + x(k-1)*(x_tl(k+1) - x_tl(k-2)) - x_tl(k) + forcing_tl
    end do
    if (p%j == 0) return
    do k = 1, p%k
      sum_y_tl = 0
      drive_tl = p%h/p%j*x_tl(k)
      do j = 1, p%j
        m = (k - 1)*p%j + j
        sum_y_tl = sum_y_tl + y_tl(m)
        slope_tl(p%k+m) = p%c*(p%b*(y_tl(m+1)*(y(m-1) - y(m+2)) + y(m+1)*(y_tl(m-1) - y_tl(m+2))) - y_tl(m) + drive_tl)
      end do
      slope_tl(k) = slope_tl(k) - p%h*p%c*(sum_y_tl/p%j)
    end do
  end subroutine evaluate_tl

  ! One step that leaves the rings of its four stages.
  pure subroutine recorded_step(p, n, x, y, now, slope, total)
    type(l96_parameters), intent(in) :: p
    integer, intent(in)     :: n
    real(dp), intent(inout) :: x(-1:p%k+2,4), y(-1:p%k*p%j+2,4), slope(n), total(n)
    real(dp), intent(in)    :: now(n)
    integer :: stage

    do stage = 1, 4
      call load_stage(p, n, now, stage_shift(stage)*p%dt, slope, x(:,stage), y(:,stage))
      call evaluate(p, coefficients_of(p), n, x(:,stage), y(:,stage), slope)
      call accumulate(n, stage, p%dt, now, slope, total)
    end do
  end subroutine recorded_step

  ! The adjoint of one step, from total_ad, which belongs to the state after it, to now_ad.
  pure subroutine one_step_ad(p, n, x, y, total_ad, slope_ad, x_ad, y_ad, stage_ad, now_ad, share)
    type(l96_parameters), intent(in) :: p
    integer, intent(in)     :: n
    real(dp), intent(in)    :: x(-1:p%k+2,4), y(-1:p%k*p%j+2,4)       ! the rings of the stages
    real(dp), intent(in)    :: total_ad(n)
    real(dp), intent(inout) :: slope_ad(n), stage_ad(n)               ! work
    real(dp), intent(inout) :: x_ad(-1:p%k+2), y_ad(-1:p%k*p%j+2)     ! work: slope_ad as rings
    real(dp), intent(inout) :: now_ad(n)                              ! out
    real(dp), intent(inout) :: share(p%k)                             ! added to
    real(dp) :: weight, next_shift
    integer :: stage, i

    do i = 1, n
      now_ad(i) = total_ad(i)
      stage_ad(i) = 0
    end do
    next_shift = 0
    do stage = 4, 1, -1
      weight = p%dt/6*stage_weight(stage)
      do i = 1, n
        slope_ad(i) = weight*total_ad(i) + next_shift*stage_ad(i)
      end do
      do i = 1, p%k
        share(i) = share(i) + slope_ad(i)
      end do
      call load_stage(p, n, slope_ad, 0.0_dp, slope_ad, x_ad, y_ad)
      call evaluate_ad(p, n, x(:,stage), y(:,stage), x_ad, y_ad, stage_ad)
      do i = 1, n
        now_ad(i) = now_ad(i) + stage_ad(i)
      end do
      next_shift = stage_shift(stage)*p%dt
    end do
  end subroutine one_step_ad

  ! The transpose of evaluate_tl: from what belongs to the tendencies, as rings, to what belongs to the variables.
  ! Each variable gathers from the three tendencies that hold it in their product, rather than each tendency scattering.
  pure subroutine evaluate_ad(p, n, x, y, gx, gy, state_ad)
    type(l96_parameters), intent(in) :: p
    integer, intent(in)     :: n
    real(dp), intent(in), dimension(-1:p%k+2) :: x, gx
    real(dp), intent(in), dimension(-1:p%k*p%j+2) :: y, gy
    real(dp), intent(inout) :: state_ad(n)
    real(dp) :: from_slow, sum_gy
    integer :: k, j, m

    do k = 1, p%k
      state_ad(k) = gx(k+1)*(x(k+2) - x(k-1)) + gx(k-1)*x(k-2) - gx(k+2)*x(k+1) - gx(k)
    end do
    if (p%j == 0) return
    do k = 1, p%k
      sum_gy = 0
      from_slow = p%h*p%c/p%j*gx(k)
      do j = 1, p%j
        m = (k - 1)*p%j + j
        sum_gy = sum_gy + gy(m)
        state_ad(p%k+m) = p%c*(p%b*(gy(m+1)*y(m+2) + gy(m-1)*(y(m-2) - y(m+1)) - gy(m-2)*y(m-1)) - gy(m)) - from_slow
      end do
      state_ad(k) = state_ad(k) + p%h*p%c/p%j*sum_gy
    end do
  end subroutine evaluate_ad

  ! Checks what was given and loads the state and the perturbation or cotangent into workspaces of their own.
  subroutine linearise(p, state, steps, state_d, n, w, d, report, status)
    type(l96_parameters), intent(in) :: p
    real(dp), intent(in) :: state(*), state_d(*)
    integer, intent(in)  :: steps
    integer, intent(out) :: n                          ! k + k*j
    type(workspace), intent(inout) :: w, d             ! neither is allocated yet
    type(l96_report), intent(inout) :: report
    integer, intent(out) :: status

    n = 0
    status = l96_parameter_status(p)
    if (steps < 0) status = l96_bad_size
    if (status /= sw_ok) return
    call prepare(p, state, n, w, report, status)
    if (status /= sw_ok) return
    call prepare(p, state_d, n, d, report, status)
    if (status == l96_state_not_finite) status = sw_perturbation_not_finite
  end subroutine linearise

  pure subroutine copy(n, from, to)
    integer, intent(in)     :: n
    real(dp), intent(in)    :: from(n)
    real(dp), intent(inout) :: to(n)
    integer :: i

    do i = 1, n
      to(i) = from(i)
    end do
  end subroutine copy

end module lorenz96_derivatives
