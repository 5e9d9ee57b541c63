! Properties of the Lorenz '96 models: exact discrete solutions, invariants, order, symmetry, refusals.
program test_lorenz96
  use, intrinsic :: iso_fortran_env, only: dp => real64
  use, intrinsic :: ieee_arithmetic, only: ieee_value, ieee_quiet_nan, ieee_positive_inf
  use lorenz96
  use sw_status
  use checks
  implicit none

  type(tally) :: t
  type(l96_parameters), parameter :: one_level = l96_parameters(), &
    two_levels = l96_parameters(k=36, j=10, forcing=10.0_dp, dt=0.005_dp)

  call matches_the_equations
  call quadratic_terms_keep_energy
  call energy_budget_of_two_levels
  call uniform_states_are_exact
  call steady_state
  call order_of_the_scheme('one level', one_level, 0.02_dp, 100)
  call order_of_the_scheme('two levels', two_levels, 0.0004_dp, 500)
  call rotation
  call no_coupling_is_one_level
  call halves_equal_whole
  call refuse
  call finish(t)

contains

  ! The tendency against the equations as they stand in the module's header, with the wrap-around by modulo.
  subroutine matches_the_equations
    integer, parameter :: ks(5) = [4, 5, 7, 36, 40], js(5) = [0, 1, 2, 3, 10]
    real(dp), allocatable :: s(:), ds(:), x(:), y(:), expected(:)
    type(l96_parameters) :: p
    type(l96_report) :: report
    real(dp) :: worst, fast_sum
    integer :: a, b, k, j, m, n, status

    worst = 0
    do a = 1, size(ks)
      do b = 1, size(js)
        p = l96_parameters(k=ks(a), j=js(b), forcing=7.0_dp, h=0.7_dp, c=9.0_dp, b=11.0_dp)
        n = p%k*p%j
        allocate (s(p%k + n), expected(p%k + n), ds(p%k + n))
        s(:) = rough_rings(p%k, p%j)
        x = s(:p%k)
        y = s(p%k+1:)
        do k = 1, p%k
          fast_sum = 0
          if (p%j > 0) fast_sum = p%h*p%c*sum(y((k-1)*p%j+1:k*p%j))/p%j
          expected(k) = -x(on(k-1, p%k))*(x(on(k-2, p%k)) - x(on(k+1, p%k))) - x(k) + p%forcing - fast_sum
          do j = 1, p%j
            m = (k - 1)*p%j + j
            expected(p%k+m) = p%c*(-p%b*y(on(m+1, n))*(y(on(m+2, n)) - y(on(m-1, n))) - y(m) + p%h/p%j*x(k))
          end do
        end do
        call l96_tendency(p, s, ds, report, status)
        if (status /= sw_ok) worst = huge(worst)
        worst = max(worst, maxval(abs(ds - expected))/maxval(abs(expected)))
        deallocate (s, expected, ds)
      end do
    end do
    call check_at_most(t, 'tendency against the equations, K = 4 .. 40, J = 0 .. 10: difference', worst, 8*epsilon(worst))
  end subroutine matches_the_equations

  ! sum(X*dX/dt) of the quadratic terms vanishes on either ring: what is left is dissipation.
  subroutine quadratic_terms_keep_energy
    type(l96_parameters) :: p
    type(l96_report) :: report
    real(dp) :: s(400), ds(400), terms
    integer :: k, status

    do k = 4, 40, 9
      p = l96_parameters(k=k, forcing=0.0_dp)
      s(:k) = rough_rings(p%k, p%j)
      call l96_tendency(p, s, ds, report, status)
      terms = sum(abs(s(:k)*ds(:k)))
      call check_at_most(t, 'one level, quadratic terms: energy they make / sum of terms', &
                         abs(sum(s(:k)*ds(:k)) + sum(s(:k)**2))/terms, 1.0e-14_dp)
    end do
    p = two_levels
    p%h = 0
    s(:396) = rough_rings(p%k, p%j)
    call l96_tendency(p, s, ds, report, status)
    terms = sum(abs(s(37:396)*ds(37:396)))
    call check_at_most(t, 'fast ring, quadratic terms: energy they make / sum of terms', &
                       abs(sum(s(37:396)*ds(37:396)) + p%c*sum(s(37:396)**2))/terms, 1.0e-14_dp)
  end subroutine quadratic_terms_keep_energy

  ! The coupling moves energy between the levels and makes none: with E = (sum X**2 + sum Y**2)/2,
  ! dE/dt = -sum(X**2) - c*sum(Y**2) + forcing*sum(X), and X loses (h*c/J)*sum(X*Y), which Y gains.
  subroutine energy_budget_of_two_levels
    type(l96_parameters) :: p, apart
    type(l96_report) :: report
    real(dp) :: s(396), ds(396), alone(396), budget, exchange
    integer :: k, status

    p = two_levels
    p%h = 0.8_dp
    s = rough_rings(p%k, p%j)
    call l96_tendency(p, s, ds, report, status)
    budget = -sum(s(:36)**2) - p%c*sum(s(37:)**2) + p%forcing*sum(s(:36))
    call check_at_most(t, 'two levels, energy budget: residual / sum of terms', abs(sum(s*ds) - budget)/sum(abs(s*ds)), 1.0e-14_dp)

    apart = p
    apart%h = 0
    call l96_tendency(apart, s, alone, report, status)
    exchange = 0
    do k = 1, 36
      exchange = exchange + p%h*p%c/10*s(k)*sum(s(36+10*k-9:36+10*k))
    end do
    call check_at_most(t, '... what X loses to Y: difference / sum of terms', &
                       abs(sum(s(:36)*(ds(:36) - alone(:36))) + exchange)/sum(abs(s*ds)), 1.0e-14_dp)
    call check_at_most(t, '... what Y gains from X: difference / sum of terms', &
                       abs(sum(s(37:)*(ds(37:) - alone(37:))) - exchange)/sum(abs(s*ds)), 1.0e-14_dp)
    call check_at_most(t, '... is not small: 0.001 / (exchange / sum of terms)', 0.001_dp*sum(abs(s*ds))/abs(exchange), 1.0_dp)
  end subroutine energy_budget_of_two_levels

  ! On uniform rings the quadratic terms vanish and the equations are linear: q' = A*q + f for q = (X, Y), so that a step is
  ! q -> e + (1 + dt*A + (dt*A)**2/2 + (dt*A)**3/6 + (dt*A)**4/24)*(q - e) about the steady state e, exactly.
  subroutine uniform_states_are_exact
    real(dp), parameter :: steps_of(3) = [0.01_dp, 0.1_dp, 0.3_dp]
    type(l96_parameters) :: p
    type(l96_report) :: report
    real(dp) :: s(84), a(2,2), r(2,2), q(2), e(2), worst, determinant
    integer :: i, step, status

    worst = 0
    do i = 1, size(steps_of)
      p = l96_parameters(k=12, j=6, forcing=7.0_dp, h=0.9_dp, c=8.0_dp, b=11.0_dp, dt=steps_of(i))
      a = reshape([-1.0_dp, p%c*p%h/p%j, -p%h*p%c, -p%c], [2, 2])
      determinant = a(1,1)*a(2,2) - a(1,2)*a(2,1)
      e = -p%forcing/determinant*[a(2,2), -a(2,1)]
      r = identity() + matmul(p%dt*a, identity() + matmul(p%dt*a/2, identity() + matmul(p%dt*a/3, identity() + p%dt*a/4)))
      q = [3.0_dp, -1.0_dp]
      s(:12) = q(1)
      s(13:) = q(2)
      do step = 1, 50
        call l96_run(p, s, 1, report, status)
        if (status /= sw_ok) worst = huge(worst)
        q = e + matmul(r, q - e)
        worst = max(worst, maxval(abs(s(:12) - q(1)))/p%forcing, maxval(abs(s(13:) - q(2)))/p%forcing)
      end do
    end do
    call check_at_most(t, 'uniform two levels, 50 steps against the exact discrete solution: error / F', worst, 1.0e-13_dp)
  end subroutine uniform_states_are_exact

  pure function identity() result(m)
    real(dp) :: m(2,2)
    m = reshape([1.0_dp, 0.0_dp, 0.0_dp, 1.0_dp], [2, 2])
  end function identity

  ! X = F stays, to the last bit, though it is unstable.
  subroutine steady_state
    real(dp) :: s(40)
    type(l96_report) :: report
    integer :: status

    s = one_level%forcing
    call l96_run(one_level, s, 1000, report, status)
    call check_equal(t, 'X = F: status after 1000 steps', status, sw_ok)
    call check_at_most(t, '... largest change', maxval(abs(s - one_level%forcing)), 0.0_dp)
  end subroutine steady_state

  ! Halving the step divides the error, against a step 32 times shorter, by 16.
  subroutine order_of_the_scheme(name, base, dt, steps)
    character(len=*), intent(in) :: name
    type(l96_parameters), intent(in) :: base
    real(dp), intent(in) :: dt
    integer, intent(in) :: steps
    real(dp), dimension(base%k + base%k*base%j) :: start, exact, s
    type(l96_parameters) :: p
    type(l96_report) :: report
    real(dp) :: error(2)
    integer :: i, status

    p = base
    start = rough_rings(p%k, p%j)
    call l96_run(p, start, 1000, report, status)
    p%dt = dt/32
    exact = start
    call l96_run(p, exact, 32*steps, report, status)
    do i = 1, 2
      p%dt = dt/i
      s = start
      call l96_run(p, s, i*steps, report, status)
      if (status /= sw_ok) s = huge(dt)
      error(i) = sqrt(sum((s - exact)**2)/size(s))
    end do
    call check_at_most(t, 'order 4, '//name//': |observed - 4|', abs(log(error(1)/error(2))/log(2.0_dp) - 4), 0.1_dp)
    call check_at_most(t, '... the error is not rounding: 1e-13 / error', 1.0e-13_dp/error(2), 0.1_dp)
  end subroutine order_of_the_scheme

  ! Rotating the rings by whole sectors rotates the result, bit for bit.
  subroutine rotation
    real(dp) :: s(396), turned(396), difference
    type(l96_report) :: report
    integer :: shift, status

    difference = 0
    do shift = 1, 35, 17
      s = rough_rings(two_levels%k, two_levels%j)
      turned = [cshift(s(:36), shift), cshift(s(37:), 10*shift)]
      call l96_run(two_levels, s, 200, report, status)
      call l96_run(two_levels, turned, 200, report, status)
      difference = max(difference, maxval(abs(turned(:36) - cshift(s(:36), shift))), &
                       maxval(abs(turned(37:) - cshift(s(37:), 10*shift))))
    end do
    call check_at_most(t, 'rotated rings, 200 steps: difference', difference, 0.0_dp)
  end subroutine rotation

  subroutine no_coupling_is_one_level
    real(dp) :: s(396), x(36)
    type(l96_parameters) :: p
    type(l96_report) :: report
    integer :: status

    p = two_levels
    p%h = 0
    s = rough_rings(p%k, p%j)
    x = s(:36)
    call l96_run(p, s, 200, report, status)
    p%j = 0
    call l96_run(p, x, 200, report, status)
    call check_at_most(t, 'two levels without coupling, 200 steps: X - one level', maxval(abs(s(:36) - x)), 0.0_dp)
  end subroutine no_coupling_is_one_level

  subroutine halves_equal_whole
    real(dp) :: s(396), halves(396)
    type(l96_report) :: report
    integer :: status

    s = rough_rings(two_levels%k, two_levels%j)
    halves = s
    call l96_run(two_levels, s, 101, report, status)
    call check_equal(t, 'completed steps', report%completed_steps, 101)
    call l96_run(two_levels, halves, 50, report, status)
    call l96_run(two_levels, halves, 51, report, status)
    call check_at_most(t, 'a run in two halves: difference', maxval(abs(s - halves)), 0.0_dp)
  end subroutine halves_equal_whole

  subroutine refuse
    type(l96_parameters) :: p
    type(l96_report) :: report
    real(dp) :: nan, infinity, s(396), before(396), ds(396)
    integer :: status, completed

    nan = ieee_value(1.0_dp, ieee_quiet_nan)
    infinity = ieee_value(1.0_dp, ieee_positive_inf)

    call expect('k = 3', l96_parameters(k=3), l96_bad_size)
    call expect('j = -1', l96_parameters(j=-1), l96_bad_size)
    call expect('k + k*j = 2**32', l96_parameters(k=65536, j=65535), l96_bad_size)
    call expect('dt = 0', l96_parameters(dt=0.0_dp), l96_bad_time_step)
    call expect('dt = NaN', l96_parameters(dt=nan), l96_bad_time_step)
    call expect('dt infinite', l96_parameters(dt=infinity), l96_bad_time_step)
    call expect('forcing = NaN', l96_parameters(forcing=nan), l96_bad_forcing)
    call expect('h = NaN', l96_parameters(k=36, j=10, h=nan), l96_bad_coupling)
    call expect('b infinite', l96_parameters(k=36, j=10, b=infinity), l96_bad_coupling)
    call expect('c = 0', l96_parameters(k=36, j=10, c=0.0_dp), l96_bad_coupling)
    call expect('c = NaN', l96_parameters(k=36, j=10, c=nan), l96_bad_coupling)
    call expect('h = NaN for one level, which does not use it', l96_parameters(h=nan), sw_ok)

    s = rough_rings(two_levels%k, two_levels%j)
    call l96_run(two_levels, s, -1, report, status)
    call check_equal(t, 'refused: steps = -1', status, l96_bad_size)
    s(36) = nan
    call l96_run(two_levels, s, 1, report, status)
    call check_equal(t, 'refused: NaN in X', status, l96_state_not_finite)
    call check_equal(t, '... place', report%place, 36)
    s = rough_rings(two_levels%k, two_levels%j)
    s(396) = infinity
    call l96_tendency(two_levels, s, ds, report, status)
    call check_equal(t, 'refused: infinite Y', status, l96_state_not_finite)
    call check_equal(t, '... place', report%place, 396)

    ! Too long a step overflows after some steps; the state is that of the last completed one.
    p = one_level
    p%dt = 0.5_dp
    s(:40) = rough_rings(one_level%k, one_level%j)
    before(:40) = s(:40)
    call l96_run(p, s, 1000, report, status)
    call check_equal(t, 'overflow during a run', status, l96_not_finite)
    call check_equal(t, '... after some steps, at a place of the ring: 1', &
                     merge(1, 0, report%completed_steps > 0 .and. report%place >= 1 .and. report%place <= 40), 1)
    completed = report%completed_steps
    call l96_run(p, before, completed, report, status)
    call check_equal(t, '... status of the completed steps alone', status, sw_ok)
    call check_at_most(t, '... the state left is the last completed one: difference', maxval(abs(s(:40) - before(:40))), 0.0_dp)
    s(:40) = rough_rings(one_level%k, one_level%j)
    s(7) = 1.0e200_dp
    s(8) = 1.0e200_dp
    ds = 5
    call l96_tendency(one_level, s, ds, report, status)
    call check_equal(t, 'overflow of the tendency', status, l96_not_finite)
    call check_equal(t, '... place', report%place, 9)
    call check_at_most(t, '... the tendency is untouched: difference', maxval(abs(ds - 5)), 0.0_dp)
  end subroutine refuse

  ! One step must return the expected status and, if that is a refusal, leave the state alone.
  subroutine expect(name, p, expected)
    character(len=*), intent(in) :: name
    type(l96_parameters), intent(in) :: p
    integer, intent(in) :: expected
    type(l96_report) :: report
    real(dp) :: s(396), ds(396)
    integer :: status

    s = 1
    call l96_run(p, s, 1, report, status)
    call check_equal(t, trim(merge('accepted:', 'refused: ', expected == sw_ok))//' '//name, status, expected)
    if (expected /= sw_ok .and. maxval(abs(s - 1)) > 0) call check_equal(t, '... state touched', 1, 0)
    call l96_tendency(p, s, ds, report, status)
    if (status /= expected) call check_equal(t, '... by the tendency', status, expected)
  end subroutine expect

  ! Index m on a ring of n.
  pure integer function on(m, n)
    integer, intent(in) :: m, n
    on = 1 + modulo(m - 1, n)
  end function on

end program test_lorenz96
