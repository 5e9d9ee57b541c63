! Every refusal of the shallow-water derivatives: its status, its place, and that what was given is left alone.
program test_derivative_refusals
  use, intrinsic :: iso_fortran_env, only: dp => real64
  use, intrinsic :: ieee_arithmetic, only: ieee_value, ieee_quiet_nan
  use shallow_water
  use shallow_water_derivatives
  use shallow_water_complex_step
  use sw_status
  use checks
  implicit none

  integer, parameter :: nx = 31, ny = 24, n = 3*nx*ny
  real(dp) :: depth(nx,ny), nan
  real(dp), dimension(nx,ny,3) :: x, d  ! state and perturbation: zeta, u, v
  type(sw_parameters) :: good
  type(tally) :: t

  nan = ieee_value(1.0_dp, ieee_quiet_nan)
  good = sw_parameters(nx=nx, ny=ny, dx=10000.0_dp, dy=7000.0_dp, dt=900.0_dp)
  call rough_basin(nx, ny, depth)
  call refusals
  call finish(t)

contains

  ! A bump at rest, perturbed everywhere.
  subroutine fresh
    x = 0
    call bump(nx, ny, x(:,:,1))
    d = 1
  end subroutine fresh

  subroutine refusals
    type(sw_parameters) :: p
    integer, target  :: i(2), j(2)
    real(dp), target :: time(1), level(2,1)
    character(len=200) :: text

    i = [5, 6]
    j = 4
    time = 0
    level = 0

    call fresh
    p = good
    p%nx = 0
    call refused('nx = 0', p, sw_bad_size, 0, 0)
    p = good
    p%wimp = 0.4_dp
    call refused('wimp below 0.5', p, sw_bad_implicitness, 0, 0)
    p = good
    p%max_iterations = 2
    call refused('solve out of iterations', p, sw_not_converged, -1, -1)
    x = 0
    call refused('out of iterations after a step that needs none', p, sw_not_converged, -1, -1)
    call fresh
    x(4,3,1) = nan
    call refused('NaN in the state', good, sw_zeta_not_finite, 4, 3)
    call fresh
    x(4,3,1) = -60
    call refused('surface below the bed', good, sw_face_fell_dry, -1, -1)
    call fresh
    d(5,4,1) = nan
    call refused('NaN in the perturbation', good, sw_perturbation_not_finite, 5, 4)
    call fresh
    d(5,4,3) = nan
    call refused('NaN in a velocity of the perturbation', good, sw_perturbation_not_finite, 5, 4)
    call fresh
    d(5,4,2) = 1.0e308_dp
    call refused('overflow', good, sw_not_finite, 5, 4, hand_written=.true.)  ! of squares; the complex step scales
    ! A face with hardly any water makes the drag's derivative huge. The adjoint overflows there after its solve.
    x(5:6,4,1) = -depth(5:6,4) + [0.0_dp, 1.0e-14_dp]
    x(5,4,2) = 1.0e64_dp
    d(5,4,2) = 1.0e153_dp
    call refused('overflow after the solve', good, sw_not_finite, -1, -1, hand_written=.true.)

    ! The velocity between two cells of an open boundary is in no solve; drag multiplies its perturbation by -100.
    call fresh
    x(5,4,2) = 1.0e3_dp
    d(5,4,2) = 1.0e307_dp
    p = good
    p%ah = 0
    call refused('overflow of the result alone', p, sw_not_finite, 5, 4, sw_forcing(boundary_i=i, boundary_j=j, &
                 boundary_time=time, boundary_zeta=level))
    text = sw_status_text(sw_perturbation_not_finite)
    call check_equal(t, 'the new status has words of its own: 1', &
                     merge(1, 0, text /= sw_status_text(-1) .and. len_trim(text) < 200), 1)
  end subroutine refusals

  ! All derivatives return the status, the place unless it is -1, and leave what they were given alone.
  subroutine refused(name, p, expected, i, j, forcing, hand_written)
    character(len=*), intent(in) :: name
    type(sw_parameters), intent(in) :: p
    integer, intent(in) :: expected, i, j
    type(sw_forcing), intent(in), optional :: forcing
    logical, intent(in), optional :: hand_written  ! not the complex step
    character(len=12), parameter :: entries(3) = ['tangent     ', 'adjoint     ', 'complex step']
    real(dp) :: y(nx,ny,3)
    type(sw_report) :: report
    integer :: status, pass

    do pass = 1, merge(2, 3, present(hand_written))
      y = d
      if (pass == 1) call sw_tangent(p, depth, x(:,:,1), x(:,:,2), x(:,:,3), y(:,:,1), y(:,:,2), y(:,:,3), report, status, &
                                    forcing)
      if (pass == 2) call sw_adjoint(p, depth, x(:,:,1), x(:,:,2), x(:,:,3), y(:,:,1), y(:,:,2), y(:,:,3), report, status, &
                                    forcing)
      if (pass == 3) &
        call sw_complex_step(p, depth, x(:,:,1), x(:,:,2), x(:,:,3), 1, y(:,:,1), y(:,:,2), y(:,:,3), report, status, &
                                    forcing)
      call check_equal(t, 'refused by the '//trim(entries(pass))//': '//name, status, expected)
      if (i >= 0) call check_equal(t, '... place, i + 1000*j', report%i + 1000*report%j, i + 1000*j)
      if (any(transfer(y, [0], 2*n) /= transfer(d, [0], 2*n))) call check_equal(t, '... perturbation touched', 1, 0)
      if (report%completed_steps /= 0) call check_equal(t, '... steps', report%completed_steps, 0)
    end do
  end subroutine refused

end program test_derivative_refusals
