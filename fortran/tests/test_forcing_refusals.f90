! Every refusal of rotation, wind and open boundaries: its status, its place, and the state it leaves behind; by the step,
! its derivatives and its complex step alike.
program test_forcing_refusals
  use, intrinsic :: iso_fortran_env, only: dp => real64
  use, intrinsic :: ieee_arithmetic, only: ieee_value, ieee_quiet_nan, ieee_positive_inf
  use shallow_water
  use shallow_water_derivatives
  use shallow_water_complex_step
  use sw_status
  use checks
  implicit none

  integer, parameter :: nx = 20, ny = 16
  real(dp), dimension(nx,ny) :: depth, zeta, u, v
  type(sw_parameters) :: p
  type(sw_forcing) :: f
  type(tally) :: t
  real(dp) :: nan, infinity
  ! A sound forcing, restored by fresh: wind at two times, three boundary cells, one constituent, two times of elevations.
  real(dp), target :: wind_time(2), wind_x(nx,ny,2), wind_y(nx,ny,2), frequency(1), amplitude(3,1), phase(3,1)
  real(dp), target :: boundary_time(2), boundary_zeta(3,2), short(1), small(nx,ny-1,2), narrow(2,1), none(0), empty(1,1,0)
  integer, target  :: boundary_i(3), boundary_j(3), two(2)

  nan = ieee_value(1.0_dp, ieee_quiet_nan)
  infinity = ieee_value(1.0_dp, ieee_positive_inf)
  short = 0
  small = 0
  narrow = 0
  two = 5
  call fresh
  call expect('nothing: sound', sw_ok)
  zeta(9,5) = -60
  call expect('surface below the bed, with all forcing', sw_face_fell_dry, 9, 4)
  call boundary_without_cells
  call refuse_rotation
  call refuse_wind
  call refuse_boundary
  call refuse_boundary_values
  call refuse_step_numbers
  call explain
  call finish(t)

contains

  ! No cell in the open boundary is no open boundary.
  subroutine boundary_without_cells
    real(dp), dimension(nx,ny) :: z1, u1, v1
    integer, target  :: no_place(0)
    real(dp), target :: no_tide(0,1)

    call fresh
    f = sw_forcing(boundary_i=no_place, boundary_j=no_place, frequency=frequency, amplitude=no_tide, phase=no_tide)
    z1 = zeta
    u1 = u
    v1 = v
    call advance(p, depth, z1, u1, v1, 3)
    call advance(p, depth, zeta, u, v, 3, f)
    call check_at_most(t, 'open boundary of no cells: difference to none', &
                       maxval([abs(zeta - z1), abs(u - u1), abs(v - v1)]), 0.0_dp)
  end subroutine boundary_without_cells

  subroutine refuse_rotation
    call fresh
    p%coriolis = nan
    call expect('coriolis = NaN', sw_bad_rotation)
    call fresh
    p%coriolis = -infinity
    call expect('coriolis infinite', sw_bad_rotation)
    call fresh
    p%coriolis = 0.9_dp/(p%wimp*p%dt)*(1 + 1.0e-12_dp)
    call expect('wimp*dt*f above 0.9', sw_bad_rotation)
    p%coriolis = -p%coriolis
    call expect('wimp*dt*f below -0.9', sw_bad_rotation)
    p%coriolis = p%coriolis*(1 - 2.0e-12_dp)
    call expect('nothing: wimp*dt*f = -0.9', sw_ok)
    call fresh
    p%beta = nan
    call expect('beta = NaN', sw_bad_rotation)
    call fresh
    p%beta = 0.9_dp/(p%wimp*p%dt)/(0.4_dp*ny*p%dy)
    call expect('beta too large at the northern edge', sw_bad_rotation)
    call fresh
    p%periodic_y = .true.
    p%beta = 2.0e-11_dp
    call expect('beta with a periodic y', sw_bad_rotation)
    call fresh
    p%density = 0
    call expect('density = 0', sw_bad_density)
    p%density = nan
    call expect('density = NaN', sw_bad_density)
    p%density = infinity
    call expect('density infinite', sw_bad_density)
    call fresh
    p%linear_drag = -1
    call expect('linear drag < 0', sw_bad_friction)
    p%linear_drag = nan
    call expect('linear drag = NaN', sw_bad_friction)
  end subroutine refuse_rotation

  subroutine refuse_wind
    call fresh
    wind_time = [5.0_dp, 5.0_dp]
    call expect('wind times that do not increase', sw_bad_wind)
    call fresh
    wind_time(2) = nan
    call expect('wind time = NaN', sw_bad_wind)
    call fresh
    wind_time(2) = infinity
    call expect('wind time infinite', sw_bad_wind)
    call fresh
    f%wind_time => none
    f%wind_x => empty
    f%wind_y => empty
    call expect('wind at no time', sw_bad_wind)
    call fresh
    f%wind_time => short
    call expect('one time for two winds', sw_bad_wind)
    call fresh
    f%wind_y => null()
    call expect('wind along x only', sw_bad_wind)
    call fresh
    f%wind_x => small
    call expect('wind_x and wind_y of different shapes', sw_bad_wind)
    f%wind_y => small
    call expect('wind for another grid', sw_bad_wind)
    call fresh
    wind_x(3,4,2) = nan
    call expect('wind_x = NaN', sw_bad_wind)
    call fresh
    wind_y(3,4,1) = infinity
    call expect('wind_y infinite', sw_bad_wind)
  end subroutine refuse_wind

  subroutine refuse_boundary
    call fresh
    boundary_i(2) = 0
    call expect('boundary cell west of the grid', sw_bad_boundary, 0, 9)
    call fresh
    boundary_i(2) = nx + 1
    call expect('boundary cell east of the grid', sw_bad_boundary, nx + 1, 9)
    call fresh
    boundary_j(3) = -2
    call expect('boundary cell south of the grid', sw_bad_boundary, 2, -2)
    call fresh
    boundary_j(3) = ny + 1
    call expect('boundary cell north of the grid', sw_bad_boundary, 2, ny + 1)
    call fresh
    boundary_i(1) = 1
    call expect('dry boundary cell', sw_bad_boundary, 1, 8)
    call fresh
    boundary_j(3) = 9
    call expect('boundary cell given twice', sw_bad_boundary, 2, 9)
  end subroutine refuse_boundary

  subroutine refuse_boundary_values
    call fresh
    f%start_time = nan
    call expect('start time = NaN', sw_bad_boundary_values)
    call fresh
    f%boundary_j => null()
    call expect('boundary_i alone', sw_bad_boundary_values)
    call fresh
    f%boundary_j => two
    call expect('two places j for three i', sw_bad_boundary_values)
    call fresh
    f%frequency => null()
    f%boundary_time => null()
    call expect('open boundary without elevations', sw_bad_boundary_values)
    call fresh
    f%phase => null()
    call expect('tides without phase', sw_bad_boundary_values)
    call fresh
    f%amplitude => narrow
    call expect('amplitudes of two cells', sw_bad_boundary_values)
    call fresh
    f%phase => narrow
    call expect('phases of two cells', sw_bad_boundary_values)
    call fresh
    frequency = nan
    call expect('frequency = NaN', sw_bad_boundary_values)
    call fresh
    amplitude(2,1) = infinity
    call expect('amplitude infinite', sw_bad_boundary_values, 2, 9)
    call fresh
    phase(3,1) = nan
    call expect('phase = NaN', sw_bad_boundary_values, 2, 10)
    call fresh
    f%boundary_zeta => null()
    call expect('times without elevations', sw_bad_boundary_values)
    call fresh
    f%boundary_zeta => narrow
    call expect('elevations of two cells', sw_bad_boundary_values)
    call fresh
    boundary_time = [10.0_dp, 9.0_dp]
    call expect('boundary times that do not increase', sw_bad_boundary_values)
    call fresh
    boundary_zeta(1,2) = nan
    call expect('given elevation = NaN', sw_bad_boundary_values, 2, 8)
  end subroutine refuse_boundary_values

  subroutine refuse_step_numbers
    type(sw_report) :: report
    integer :: status

    call fresh
    call sw_run(p, depth, zeta, u, v, 1, report, status, f, -1)
    call check_equal(t, 'refused: first_step = -1', status, sw_bad_size)
    call sw_run(p, depth, zeta, u, v, 2, report, status, f, huge(1) - 1)
    call check_equal(t, 'refused: first_step + steps beyond 32 bits', status, sw_bad_size)
    call sw_run(p, depth, zeta, u, v, huge(1), report, status, f, huge(1))
    call check_equal(t, 'refused: both the largest', status, sw_bad_size)
    call sw_run(p, depth, zeta, u, v, -huge(1), report, status, f, huge(1))
    call check_equal(t, 'refused: steps far below 0', status, sw_bad_size)
    call sw_run(p, depth, zeta, u, v, 1, report, status, f, huge(1) - 1)
    call check_equal(t, 'not refused: the last step that has a number', status, sw_ok)
  end subroutine refuse_step_numbers

  ! Each new status has words of its own that fit the promised length.
  subroutine explain
    character(len=200) :: text
    integer :: code, blank

    blank = 0
    do code = sw_perturbation_not_finite, sw_bad_boundary_values
      text = sw_status_text(code)
      if (len_trim(text) == 0 .or. len_trim(text) == 200 .or. text == sw_status_text(-1)) blank = blank + 1
    end do
    call check_equal(t, 'statuses without words', blank, 0)
  end subroutine explain

  subroutine fresh
    p = sw_parameters(nx=nx, ny=ny, dx=10000.0_dp, dy=8000.0_dp, dt=900.0_dp, coriolis=1.0e-4_dp)
    call rough_basin(nx, ny, depth)
    call bump(nx, ny, zeta)
    u = 0
    v = 0
    wind_time = [0.0_dp, 5000.0_dp]
    wind_x = 0.1_dp
    wind_y = -0.2_dp
    boundary_i = 2
    boundary_j = [8, 9, 10]
    frequency = 1.4e-4_dp
    amplitude = 0.1_dp
    phase = 0
    boundary_time = [0.0_dp, 5000.0_dp]
    boundary_zeta = 0.1_dp
    f = sw_forcing(wind_time=wind_time, wind_x=wind_x, wind_y=wind_y, boundary_i=boundary_i, boundary_j=boundary_j, &
                   frequency=frequency, amplitude=amplitude, phase=phase, boundary_time=boundary_time, boundary_zeta=boundary_zeta)
  end subroutine fresh

  ! All entries return the status, with the place if there is one, and on failure leave what they were given.
  subroutine expect(name, expected, i, j)
    character(len=*), intent(in) :: name
    integer, intent(in) :: expected
    integer, intent(in), optional :: i, j
    character(len=8), parameter :: entries(4) = ['step    ', 'tangent ', 'adjoint ', 'complex ']
    real(dp) :: a(nx,ny,3), before(nx,ny,3)
    type(sw_report) :: report
    integer :: entry, status

    before(:,:,1) = zeta
    before(:,:,2) = u
    before(:,:,3) = v
    do entry = 1, size(entries)
      a = before
      if (entry == 1) call sw_run(p, depth, a(:,:,1), a(:,:,2), a(:,:,3), 1, report, status, f)
      if (entry == 2) call sw_tangent(p, depth, zeta, u, v, a(:,:,1), a(:,:,2), a(:,:,3), report, status, f)
      if (entry == 3) call sw_adjoint(p, depth, zeta, u, v, a(:,:,1), a(:,:,2), a(:,:,3), report, status, f)
      if (entry == 4) call sw_complex_step(p, depth, zeta, u, v, 1, a(:,:,1), a(:,:,2), a(:,:,3), report, status, f)
      call check_equal(t, trim(entries(entry))//': '//name, status, expected)
      if (present(i)) call check_equal(t, '... place, i + 1000*j', report%i + 1000*report%j, i + 1000*j)
      if (.not. present(i)) call check_equal(t, '... no place', report%i + 1000*report%j, 0)
      if (status /= sw_ok .and. any(transfer(a, [0], 6*nx*ny) /= transfer(before, [0], 6*nx*ny))) &
        call check_equal(t, '... what was given touched', 1, 0)
    end do
  end subroutine expect

end program test_forcing_refusals
