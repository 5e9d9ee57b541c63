! Wind of a run: none, the same stress always and everywhere, or a file with tau_x and tau_y in N/m2.
!
! The file has time(time), and tau_x, tau_y of dimensions (time), for the whole grid, or (time, y, x), at cell centres.
module run_wind
  use, intrinsic :: iso_fortran_env, only: dp => real64
  use shallow_water_types, only: sw_forcing
  use run_files
  use run_netcdf
  use run_grid
  use run_calendar
  use run_settings
  implicit none
  private
  public :: set_wind

contains

  subroutine set_wind(s, grid, forcing)
    type(run_settings_type), intent(in) :: s
    type(run_grid_type), intent(in)     :: grid
    type(sw_forcing), intent(inout)     :: forcing
    type(nc_file) :: file
    real(dp), allocatable :: times(:)

    if (s%wind_file /= '') then
      file = open_file(trim(s%wind_file), '&wind file')
      call read_times(file, times)
      allocate (forcing%wind_time, source=times)
      call read_stress(file, 'tau_x', grid, size(times), forcing%wind_x)
      call read_stress(file, 'tau_y', grid, size(times), forcing%wind_y)
      if (any(shape(forcing%wind_x) /= shape(forcing%wind_y))) call fail("tau_x and tau_y in '"//file%path// &
        "' have different shapes", remedy='give both for the whole grid, or both at its cells')
      call close_file(file)
    else if (.not. (abs(s%tau_x) <= 0 .and. abs(s%tau_y) <= 0)) then
      if (.not. (abs(s%tau_x) <= huge(s%tau_x) .and. abs(s%tau_y) <= huge(s%tau_y))) &
        call fail('the wind stress is ('//number_text(s%tau_x)//', '//number_text(s%tau_y)//') N/m2', &
                  remedy='give finite tau_x and tau_y in &wind')
      allocate (forcing%wind_time(1), forcing%wind_x(1,1,1), forcing%wind_y(1,1,1))
      forcing%wind_time = 0
      forcing%wind_x = s%tau_x
      forcing%wind_y = s%tau_y
    end if
  end subroutine set_wind

  subroutine read_stress(file, name, grid, times, stress)
    type(nc_file), intent(in) :: file
    character(len=*), intent(in) :: name
    type(run_grid_type), intent(in) :: grid
    integer, intent(in) :: times
    real(dp), pointer, contiguous, intent(out) :: stress(:,:,:)
    real(dp), allocatable :: series(:), fields(:,:,:)

    if (size(lengths(file, name)) == 1) then
      call read_values(file, name, series)
      allocate (stress(1,1,size(series)))
      stress(1,1,:) = series
    else
      call read_values(file, name, fields)
      allocate (stress, source=fields)
      if (size(stress, 1) /= grid%nx .or. size(stress, 2) /= grid%ny) call fail("'"//name//"' in '"//file%path//"' has "// &
        number_text(size(stress, 1))//' x '//number_text(size(stress, 2))//' points, the grid '//number_text(grid%nx)//' x '// &
        number_text(grid%ny)//' cells', remedy='interpolate the wind to the cells of the grid first, for example with cdo remapbil')
    end if
    if (size(stress, 3) /= times) call fail("'"//name//"' in '"//file%path//"' has "//number_text(size(stress, 3))// &
      ' times, but time has '//number_text(times), remedy='give it the dimension time')
  end subroutine read_stress

end module run_wind
