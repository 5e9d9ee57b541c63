! One table of settings, each with other options of the shallow-water model, for tests that hold for all of them; and
! states and perturbations to go with them.
!
! The settings are rough on purpose: steep waves over a rough bed with islands, currents in both directions, strong drag
! and friction, dx /= dy. No velocity is small, since u*abs(u) has no second derivative at 0.
! A state is one array here, zeta, u and v in x(:,:,1:3), zero in dry cells and on closed faces.
module option_cases
  use, intrinsic :: iso_fortran_env, only: dp => real64
  use shallow_water
  use checks
  implicit none
  private
  public :: option_case, all_cases, rough_state, direction

  ! The forcing's targets live as long as the program.
  type :: option_case
    character(len=20)   :: name = ''
    type(sw_parameters) :: p
    type(sw_forcing)    :: forcing
    real(dp), allocatable :: depth(:,:)
  end type option_case

contains

  function all_cases() result(cases)
    type(option_case), allocatable :: cases(:)

    cases = [new_case('no option', 21, 16), new_case('linear drag', 20, 16), new_case('f plane', 21, 16), &
             new_case('beta plane', 20, 15), new_case('x periodic, even', 20, 15), new_case('x periodic, odd', 21, 15), &
             new_case('y periodic, even', 21, 16), new_case('y periodic, odd', 20, 15), new_case('both periodic, even', 20, 16), &
             new_case('both periodic, odd', 21, 15), new_case('wind', 21, 16), new_case('wind of cells', 20, 15), &
             new_case('tides', 21, 16), new_case('given elevations', 20, 15), new_case('all together', 20, 16), &
             new_case('all together, odd', 21, 15)]
  end function all_cases

  function new_case(name, nx, ny) result(c)
    character(len=*), intent(in) :: name
    integer, intent(in) :: nx, ny
    type(option_case) :: c
    logical :: all

    all = index(name, 'all') == 1
    c%name = name
    c%p = sw_parameters(nx=nx, ny=ny, dx=10000.0_dp, dy=7000.0_dp, dt=900.0_dp, cd=0.03_dp, ah=5000.0_dp, tolerance=1.0e-15_dp)
    c%p%periodic_x = index(name, 'x periodic') == 1 .or. index(name, 'both') == 1 .or. all
    c%p%periodic_y = index(name, 'y periodic') == 1 .or. index(name, 'both') == 1
    if (name == 'linear drag' .or. all) c%p%linear_drag = 2.0e-4_dp
    if (name == 'f plane' .or. name == 'beta plane' .or. all) c%p%coriolis = 3.0e-4_dp
    if (name == 'beta plane' .or. all) c%p%beta = -2.0e-9_dp
    if (name == 'wind') call add_wind(1, 1, c%forcing)
    if (name == 'wind of cells' .or. all) call add_wind(nx, ny, c%forcing)
    if (name == 'tides' .or. all) call add_tides(c%p, c%forcing)
    if (name == 'given elevations' .or. all) call add_elevations(c%p, c%forcing)
    allocate (c%depth(nx,ny))
    if (c%p%periodic_x .or. c%p%periodic_y .or. associated(c%forcing%boundary_i)) then
      call rough_sea(nx, ny, c%depth)
    else
      call rough_basin(nx, ny, c%depth)
    end if
  end function new_case

  ! Strong winds, that matter beside steep waves, at two times.
  subroutine add_wind(mx, my, f)
    integer, intent(in) :: mx, my
    type(sw_forcing), intent(inout) :: f
    integer :: i, j

    allocate (f%wind_time(2), f%wind_x(mx,my,2), f%wind_y(mx,my,2))
    f%wind_time = [-500.0_dp, 20000.0_dp]
    do j = 1, my
      do i = 1, mx
        f%wind_x(i,j,:) = [3.0_dp, -5.0_dp]*(1 + 0.5_dp*sin(0.7_dp*i + 0.4_dp*j))
        f%wind_y(i,j,:) = [-4.0_dp, 6.0_dp]*(1 + 0.5_dp*cos(0.3_dp*i - 0.8_dp*j))
      end do
    end do
  end subroutine add_wind

  ! The northern row and two cells inside are open.
  subroutine add_boundary(p, f)
    type(sw_parameters), intent(in) :: p
    type(sw_forcing), intent(inout) :: f
    integer :: i

    if (associated(f%boundary_i)) return
    allocate (f%boundary_i(p%nx+2), f%boundary_j(p%nx+2))
    f%boundary_i = [(i, i = 1, p%nx), 3, p%nx]
    f%boundary_j = [(p%ny, i = 1, p%nx), 3, p%ny - 4]
  end subroutine add_boundary

  subroutine add_tides(p, f)
    type(sw_parameters), intent(in) :: p
    type(sw_forcing), intent(inout) :: f
    integer :: c, n

    call add_boundary(p, f)
    n = size(f%boundary_i)
    allocate (f%frequency(2), f%amplitude(n,2), f%phase(n,2))
    f%frequency = [1.4e-4_dp, 2.8e-4_dp]
    do c = 1, n
      f%amplitude(c,:) = [1 + 0.02_dp*c, 0.3_dp]
      f%phase(c,:) = [0.1_dp*c, 0.5_dp]
    end do
  end subroutine add_tides

  subroutine add_elevations(p, f)
    type(sw_parameters), intent(in) :: p
    type(sw_forcing), intent(inout) :: f
    integer :: c

    call add_boundary(p, f)
    allocate (f%boundary_time(3), f%boundary_zeta(size(f%boundary_i),3))
    f%boundary_time = [-1000.0_dp, 700.0_dp, 5000.0_dp]
    do c = 1, size(f%boundary_i)
      f%boundary_zeta(c,:) = [0.5_dp*sin(0.4_dp*c), -0.3_dp, 0.2_dp*cos(0.1_dp*c)]
    end do
  end subroutine add_elevations

  ! zeta of 1 m, u and v of 0.2 .. 0.8 m/s in both directions.
  function rough_state(c) result(x)
    type(option_case), intent(in) :: c
    real(dp) :: x(c%p%nx,c%p%ny,3)
    integer :: i, j

    do j = 1, c%p%ny
      do i = 1, c%p%nx
        x(i,j,1) = sin(0.9_dp*i + 0.2_dp*j)*cos(1.1_dp*j)
        x(i,j,2) = merge(1, -1, mod(i/3 + j/4, 2) == 0)*(0.5_dp + 0.3_dp*sin(2.9_dp*i + 1.3_dp*j))
        x(i,j,3) = merge(1, -1, mod(i/5 + j/2, 2) == 0)*(0.5_dp + 0.3_dp*cos(1.9_dp*i - 2.3_dp*j))
      end do
    end do
    call confine(c, x)
  end function rough_state

  ! Perturbations without pattern, of size 1 in all three fields.
  function direction(c, seed) result(d)
    type(option_case), intent(in) :: c
    integer, intent(in) :: seed
    real(dp) :: d(c%p%nx,c%p%ny,3)
    integer :: i, j, k

    do k = 1, 3
      do j = 1, c%p%ny
        do i = 1, c%p%nx
          d(i,j,k) = sin(real(seed*seed + 7*k*i*j + 13*i*i + 5*j*j*k + seed*(3*i + 11*j), dp))
        end do
      end do
    end do
    call confine(c, d)
  end function direction

  ! Zero in dry cells and on closed faces.
  subroutine confine(c, x)
    type(option_case), intent(in) :: c
    real(dp), intent(inout) :: x(c%p%nx,c%p%ny,3)
    logical, dimension(c%p%nx,c%p%ny) :: wet, east, north

    wet = c%depth > sw_wet_threshold
    east = cshift(wet, 1, 1)
    north = cshift(wet, 1, 2)
    if (.not. c%p%periodic_x) east(c%p%nx,:) = .false.
    if (.not. c%p%periodic_y) north(:,c%p%ny) = .false.
    where (.not. wet) x(:,:,1) = 0
    where (.not. (wet .and. east)) x(:,:,2) = 0
    where (.not. (wet .and. north)) x(:,:,3) = 0
  end subroutine confine

end module option_cases
