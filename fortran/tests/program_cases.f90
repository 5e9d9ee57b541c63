! The cases of the tests of run_shallow_water: grids, wind and open boundary by formulas, and as input files.
module program_cases
  use, intrinsic :: iso_fortran_env, only: dp => real64
  use netcdf
  use checks, only: rough_basin, bump
  use shallow_water
  use run_grid
  use run_trajectory_file
  implicit none
  private
  public :: basin, stress, level, write_grid, write_wind, write_boundary

  integer, parameter, public  :: nx = 24, ny = 20, times = 3
  ! Hours since 1999-12-31 18:00, which is `origin`.
  real(dp), parameter, public :: hours(times) = [6.0_dp, 6.5_dp, 8.0_dp], origin = -21600, pi = acos(-1.0_dp)
  real(dp), parameter, public :: frequencies(2) = [1.0e-3_dp, 4.0e-3_dp]  ! rad/s
  integer, parameter, public  :: edge = ny - 1  ! open cells: their row

contains

  ! The dry ring of the rough basin is broken up where the channel is periodic, or the bay open.
  function basin(channel) result(grid)
    logical, intent(in) :: channel
    type(run_grid_type) :: grid
    integer :: i

    grid%nx = nx
    grid%ny = ny
    grid%dx = 8.0e3_dp
    grid%dy = 9.0e3_dp
    allocate (grid%x, source=[(i*grid%dx, i=1, nx)])
    allocate (grid%y, source=[(i*grid%dy, i=1, ny)])
    allocate (grid%depth(nx,ny))
    call rough_basin(nx, ny, grid%depth)
    grid%periodic_x = channel
    if (channel) then
      grid%depth(1,2:edge) = 12
      grid%depth(nx,2:edge) = 14
    else
      grid%depth(1,:) = grid%depth(2,:)
    end if
    call set_masks(grid)
  end function basin

  subroutine write_grid(path, kind)
    character(len=*), intent(in) :: path, kind
    type(trajectory_file) :: t
    type(run_grid_type)   :: grid
    real(dp) :: zeta(nx,ny), zero(nx,ny)

    grid = basin(kind /= 'bay')
    if (kind == 'deeper') grid%depth(20,15) = grid%depth(20,15) + 1.0e-9_dp
    call bump(nx, ny, zeta)
    zero = 0
    call begin_trajectory(t, path, grid, sw_parameters(), 300.0_dp, 'input of tests', .true., 0)
    call add_record(t, grid, zeta, zero, zero, 0.0_dp)
    call finish_trajectory(t)
  end subroutine write_grid

  ! Stress at a cell, N/m2.
  pure real(dp) function stress(i, j, k, turned)
    integer, intent(in) :: i, j, k
    logical, intent(in) :: turned
    stress = 0.3_dp*sin(0.2_dp*i + k + merge(1, 0, turned))*cos(0.3_dp*j)
  end function stress

  pure real(dp) function level(i, k)
    integer, intent(in) :: i, k
    level = 0.02_dp*k*sin(2*pi*i/nx)
  end function level

  subroutine write_wind(path, kind)
    character(len=*), intent(in) :: path, kind
    integer :: file, t, x, y, tv, xv, yv, i, j, k

    call must(nf90_create(path, nf90_netcdf4, file))
    call must(nf90_def_dim(file, 'time', times, t))
    call must(nf90_def_var(file, 'time', nf90_double, [t], tv))
    call must(nf90_put_att(file, tv, 'units', trim(merge('weeks', 'hours', kind == 'wind_weeks'))//' since 1999-12-31 18:00:00'))
    call must(nf90_put_var(file, tv, merge(hours(times:1:-1), hours, kind == 'wind_back')))
    if (kind /= 'series') then
      call must(nf90_def_dim(file, 'x', nx, x))
      call must(nf90_def_dim(file, 'y', ny, y))
      call must(nf90_def_var(file, 'tau_x', nf90_double, [x, y, t], xv))
      call must(nf90_def_var(file, 'tau_y', nf90_double, [x, y, t], yv))
      call must(nf90_put_var(file, xv, reshape([(((stress(i, j, k, .false.), i=1,nx), j=1,ny), k=1,times)], [nx, ny, times])))
      call must(nf90_put_var(file, yv, reshape([(((stress(i, j, k, .true.), i=1,nx), j=1,ny), k=1,times)], [nx, ny, times])))
      if (kind == 'wind_gap') call must(nf90_put_var(file, yv, nf90_fill_double, start=[3, 4, 2]))
    else
      call must(nf90_def_var(file, 'tau_x', nf90_double, [t], xv))
      call must(nf90_def_var(file, 'tau_y', nf90_double, [t], yv))
      call must(nf90_put_var(file, xv, [(stress(1, 1, k, .false.), k=1,times)]))
      call must(nf90_put_var(file, yv, [(stress(1, 1, k, .true.), k=1,times)]))
    end if
    call must(nf90_close(file))
  end subroutine write_wind

  subroutine write_boundary(path, kind)
    character(len=*), intent(in) :: path, kind
    integer :: file, b, t, c, tv, xv, yv, zv, fv, av, pv, i, k

    call must(nf90_create(path, nf90_netcdf4, file))
    call must(nf90_def_dim(file, 'boundary', nx, b))
    call must(nf90_def_dim(file, 'time', times, t))
    call must(nf90_def_dim(file, 'constituent', size(frequencies), c))
    call must(nf90_def_var(file, 'boundary_x', nf90_int, [b], xv))
    call must(nf90_def_var(file, 'boundary_y', nf90_int, [b], yv))
    call must(nf90_def_var(file, 'time', nf90_double, [t], tv))
    call must(nf90_put_att(file, tv, 'units', 'hours since 1999-12-31 18:00:00'))
    call must(nf90_def_var(file, 'zeta', nf90_double, [b, t], zv))
    call must(nf90_def_var(file, 'frequency', nf90_double, [c], fv))
    call must(nf90_def_var(file, 'amplitude', nf90_double, [b, c], av))
    call must(nf90_def_var(file, 'phase', nf90_double, [b, c], pv))
    call must(nf90_put_var(file, xv, [(i + merge(1, 0, kind == 'boundary_outside'), i=0, nx - 1)]))
    call must(nf90_put_var(file, yv, [(merge(edge, edge - 1, kind == 'boundary_dry'), i=1, nx)]))
    call must(nf90_put_var(file, tv, hours))
    call must(nf90_put_var(file, zv, reshape([((level(i, k), i=1,nx), k=1,times)], [nx, times])))
    call must(nf90_put_var(file, fv, frequencies))
    call must(nf90_put_var(file, av, reshape([((0.1_dp*k, i=1,nx), k=1,2)], [nx, 2])))
    call must(nf90_put_var(file, pv, reshape([((0.2_dp*k + 2*pi*i/nx, i=1,nx), k=1,2)], [nx, 2])))
    call must(nf90_close(file))
  end subroutine write_boundary

  subroutine must(status)
    integer, intent(in) :: status
    if (status /= nf90_noerr) error stop 'netCDF failed'
  end subroutine must

end module program_cases
